import { sign, type KeyObject } from "node:crypto";
import { generateKey, type KeyKind } from "../keypair/index.js";
import { CertificateError } from "./certificate-error.js";
import { algorithmsOf, type SignatureAlgorithm } from "./key-type.js";
import { publicKeyFrom, type PublicKey } from "./public-key.js";
import { encodeSignature } from "./ssh-signature.js";
import { hashOf } from "./verify-signature.js";

/** A private key in software. Never logged, never sent. */
export interface PrivateKey {
  readonly public: PublicKey;
  readonly object: KeyObject;
  readonly comment: string;
  /**
   * Signs `data`; returns the SSH wire form (RFC 4253 section 6.6). RSA signs with `rsa-sha2-512` unless told
   * otherwise. Throws `invalid-request` for an algorithm that is not this key's.
   */
  sign(data: Buffer, algorithm?: SignatureAlgorithm): Buffer;
}

export type GeneratedType = "ed25519" | "nistp256" | "nistp384" | "nistp521" | "rsa";

const KINDS: Readonly<Record<GeneratedType, KeyKind>> = {
  ed25519: "ed25519",
  nistp256: "P-256",
  nistp384: "P-384",
  nistp521: "P-521",
  rsa: { rsaBits: 3072 }, // as ssh-keygen's default
};

/** A new key from node:crypto's random numbers. Blocks; RSA for some hundred milliseconds. */
export function generatePrivateKey(type: GeneratedType): PrivateKey {
  return privateKeyFrom(generateKey(KINDS[type]), "");
}

/** Wraps a node:crypto private key. Throws `CertificateError` for a key whose public half we would refuse to read. */
export function privateKeyFrom(object: KeyObject, comment: string): PrivateKey {
  const key = publicKeyFrom(object);
  return { public: key, object, comment, sign: (data, algorithm) => signWith(object, key, data, algorithm) };
}

function signWith(object: KeyObject, key: PublicKey, data: Buffer, wanted?: SignatureAlgorithm): Buffer {
  const algorithm = algorithmsOf(key.type).find((name) => wanted === undefined || name === wanted);
  if (algorithm === undefined)
    throw new CertificateError(
      "invalid-request",
      `a ${key.type} key does not sign with ${wanted ?? "anything"}`,
    );
  const raw = sign(hashOf(key.material, algorithm), data, { key: object, dsaEncoding: "ieee-p1363" });
  return encodeSignature(key.material, { algorithm, raw, hardware: undefined });
}
