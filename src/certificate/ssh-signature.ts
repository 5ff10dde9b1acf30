import { CertificateError } from "./certificate-error.js";
import type { KeyMaterial } from "./key-material.js";
import * as limits from "./limits.js";
import type { PublicKey } from "./public-key.js";
import { WireReader, WireWriter } from "./wire.js";

/** A signature as it travels (RFC 4253 section 6.6), opened. */
export interface SshSignature {
  readonly algorithm: string;
  /** As node:crypto takes it: r ‖ s of fixed length for ECDSA (IEEE P1363), the bytes themselves otherwise. */
  readonly raw: Buffer;
  /** What a hardware key adds (PROTOCOL.u2f); undefined for keys in software. */
  readonly hardware: HardwareFlags | undefined;
}

export interface HardwareFlags {
  readonly flags: number;
  readonly counter: number;
}

/** Bits of `flags` (WebAuthn section 6.1). */
export const USER_PRESENT = 0x01;
export const USER_VERIFIED = 0x04;

/** What the signature calls itself; undefined when it does not begin with a name. */
export function signatureAlgorithm(signature: Buffer): string | undefined {
  try {
    return new WireReader(signature).text(limits.NAME_BYTES_MAX);
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

/** Opens a signature made by a key like `key`. Throws `CertificateError`. */
export function decodeSignature(key: PublicKey, signature: Buffer): SshSignature {
  if (signature.length > limits.SIGNATURE_BYTES_MAX)
    throw new CertificateError("too-long", `signature of ${signature.length} bytes`);
  const reader = new WireReader(signature);
  const algorithm = reader.text(limits.NAME_BYTES_MAX);
  const body = reader.string(limits.SIGNATURE_BYTES_MAX);
  const hardware =
    key.application === undefined ? undefined : { flags: reader.byte(), counter: reader.uint32() };
  reader.end();
  return {
    algorithm,
    raw: key.material.family === "ecdsa" ? decodePair(body, key.material) : body,
    hardware,
  };
}

/** The inverse of `decodeSignature`. */
export function encodeSignature(material: KeyMaterial, signature: SshSignature): Buffer {
  const { algorithm, raw, hardware } = signature;
  const body = material.family === "ecdsa" ? encodePair(raw) : raw;
  const writer = new WireWriter().string(algorithm).string(body);
  return (hardware === undefined ? writer : writer.byte(hardware.flags).uint32(hardware.counter)).finish();
}

function decodePair(body: Buffer, { curve }: Extract<KeyMaterial, { family: "ecdsa" }>): Buffer {
  const size = curve.coordinateBytes;
  const reader = new WireReader(body);
  const r = reader.mpint(size);
  const s = reader.mpint(size);
  reader.end();
  const pair = Buffer.alloc(2 * size);
  r.copy(pair, size - r.length);
  s.copy(pair, 2 * size - s.length);
  return pair;
}

function encodePair(pair: Buffer): Buffer {
  const size = pair.length / 2;
  return new WireWriter().mpint(pair.subarray(0, size)).mpint(pair.subarray(size)).finish();
}
