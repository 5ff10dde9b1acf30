import { createPublicKey, ECDH, type JsonWebKey, type KeyObject } from "node:crypto";
import { CertificateError } from "./certificate-error.js";
import { CURVES, curveOf, type Curve } from "./curve.js";
import type { KeyType } from "./key-type.js";
import * as limits from "./limits.js";
import type { WireReader, WireWriter } from "./wire.js";

/** The numbers of a public key, checked: lengths, the point on its curve, RSA's size. */
export type KeyMaterial =
  | { readonly family: "ed25519"; readonly x: Buffer }
  | { readonly family: "ecdsa"; readonly curve: Curve; readonly point: Buffer }
  | { readonly family: "rsa"; readonly e: Buffer; readonly n: Buffer };

const ED25519_BYTES = 32;
const POINT_BYTES_MAX = 133; // P-521, uncompressed
const UNCOMPRESSED = 4; // SEC 1 section 2.3.3; the others would give one key two encodings

/** Reads the fields of a public key of `type` that follow its type name (a hardware key's application excepted). */
export function readKeyMaterial(type: KeyType, reader: WireReader): KeyMaterial {
  const curve = curveOf(type);
  if (curve !== undefined) return readPoint(curve, reader);
  if (type === "ssh-rsa") return readRsa(reader);
  const x = reader.string(limits.PUBLIC_KEY_BYTES_MAX);
  if (x.length !== ED25519_BYTES)
    throw new CertificateError("wrong-key-length", `ed25519 key of ${x.length} bytes`);
  return { family: "ed25519", x };
}

function readPoint(curve: Curve, reader: WireReader): KeyMaterial {
  const name = reader.text(limits.NAME_BYTES_MAX);
  if (name !== curve.name)
    throw new CertificateError("wrong-curve", `a ${curve.name} key that names another curve`);
  const point = reader.string(POINT_BYTES_MAX);
  if (point.length !== 1 + 2 * curve.coordinateBytes || point[0] !== UNCOMPRESSED)
    throw new CertificateError("invalid-point", `not an uncompressed point of ${curve.name}`);
  try {
    ECDH.convertKey(point, curve.openssl); // throws off the curve, and costs an eighth of making a key object
  } catch (cause) {
    throw new CertificateError("invalid-point", `not a point of ${curve.name}`, { cause });
  }
  return { family: "ecdsa", curve, point };
}

function readRsa(reader: WireReader): KeyMaterial {
  const e = reader.mpint(limits.RSA_EXPONENT_BYTES_MAX);
  const n = reader.mpint(limits.RSA_BITS_MAX / 8);
  const bits = n.length === 0 ? 0 : n.length * 8 - Math.clz32(n.readUInt8()) + 24;
  if (bits < limits.RSA_BITS_MIN)
    throw new CertificateError("rsa-too-small", `RSA of ${bits} bits, at least ${limits.RSA_BITS_MIN}`);
  if (!isOdd(n) || !isOdd(e) || (e.length === 1 && e[0] === 1))
    throw new CertificateError("invalid-rsa-key", "even modulus, even exponent or exponent one");
  return { family: "rsa", e, n };
}

function isOdd(magnitude: Buffer): boolean {
  return ((magnitude.at(-1) ?? 0) & 1) === 1;
}

/** The inverse of `readKeyMaterial`. */
export function writeKeyMaterial(material: KeyMaterial, writer: WireWriter): WireWriter {
  switch (material.family) {
    case "ed25519":
      return writer.string(material.x);
    case "ecdsa":
      return writer.string(material.curve.name).string(material.point);
    case "rsa":
      return writer.mpint(material.e).mpint(material.n);
  }
}

/** The key as node:crypto takes it: by JWK where that is cheap (10 µs), by DER where JWK is slow (P-521: 1.2 ms). */
export function keyObjectOf(material: KeyMaterial): KeyObject {
  if (material.family === "ecdsa") {
    const der = Buffer.concat([material.curve.spkiPrefix, material.point]);
    return createPublicKey({ key: der, format: "der", type: "spki" });
  }
  return createPublicKey({ key: jwkOf(material), format: "jwk" });
}

function jwkOf(material: Exclude<KeyMaterial, { family: "ecdsa" }>): JsonWebKey {
  if (material.family === "ed25519")
    return { kty: "OKP", crv: "Ed25519", x: material.x.toString("base64url") };
  return { kty: "RSA", e: material.e.toString("base64url"), n: material.n.toString("base64url") };
}

/** The type and numbers of a node:crypto key (public or private). Throws `unsupported-type`. */
export function materialOf(object: KeyObject): { type: KeyType; material: KeyMaterial } {
  const jwk = object.export({ format: "jwk" });
  if (jwk.crv === "Ed25519")
    return { type: "ssh-ed25519", material: { family: "ed25519", x: number(jwk.x) } };
  if (jwk.kty === "RSA")
    return { type: "ssh-rsa", material: { family: "rsa", e: number(jwk.e), n: number(jwk.n) } };
  const curve = CURVES.find(({ jwk: crv }) => crv === jwk.crv);
  if (curve === undefined)
    throw new CertificateError("unsupported-type", "neither ed25519, nor NIST curve, nor RSA");
  const point = Buffer.concat([Buffer.of(UNCOMPRESSED), number(jwk.x), number(jwk.y)]);
  return { type: `ecdsa-sha2-${curve.name}`, material: { family: "ecdsa", curve, point } };
}

function number(member: string | undefined): Buffer {
  return Buffer.from(member ?? "", "base64url");
}
