import assert from "node:assert/strict";
import { generateKey } from "../../../src/keypair/index.js";
import { encodeSignedBytes } from "../../../src/certificate/certificate.js";
import {
  CertificateError,
  decodeCertificate,
  encodeCertificate,
  generatePrivateKey,
  privateKeyFrom,
  type Certificate,
  type CertificateDemands,
  type CertificateErrorCode,
  type CertificateFields,
  type KeyType,
  type PrivateKey,
  type PublicKey,
} from "../../../src/certificate/index.js";
import { Authenticator } from "./authenticator.js";

/** Somebody with a key of some type. */
export interface Holder {
  readonly key: PublicKey;
  sign(data: Buffer): Buffer;
}

const made = new Map<KeyType, Holder>();

/** One holder a type, the same throughout a run: RSA takes long to make. */
export function holderOf(type: KeyType): Holder {
  const holder = made.get(type) ?? makeHolder(type);
  made.set(type, holder);
  return holder;
}

function makeHolder(type: KeyType): Holder {
  if (type === "sk-ssh-ed25519@openssh.com" || type === "sk-ecdsa-sha2-nistp256@openssh.com")
    return new Authenticator(type);
  const key = makeKey(type);
  return { key: key.public, sign: (data) => key.sign(data) };
}

function makeKey(type: Exclude<KeyType, `sk-${string}`>): PrivateKey {
  switch (type) {
    case "ssh-ed25519":
      return generatePrivateKey("ed25519");
    case "ecdsa-sha2-nistp256":
      return generatePrivateKey("nistp256");
    case "ecdsa-sha2-nistp384":
      return generatePrivateKey("nistp384");
    case "ecdsa-sha2-nistp521":
      return generatePrivateKey("nistp521");
    case "ssh-rsa":
      return rsaKey(2048);
  }
}

export function rsaKey(modulusLength: number): PrivateKey {
  return privateKeyFrom(generateKey({ rsaBits: modulusLength }), "");
}

export const authority = generatePrivateKey("ed25519");
export const NOW_S = 1_800_000_000n;

/** Alice's ordinary certificate, good for an hour around `NOW_S`. */
export function sampleFields(changes: Partial<CertificateFields> = {}): CertificateFields {
  return {
    nonce: Buffer.alloc(32, 7),
    key: holderOf("ssh-ed25519").key,
    serial: 0x1234_5678_9abc_def0n,
    kind: "user",
    keyId: "alice/grt-1",
    principals: ["alice"],
    validAfter: NOW_S - 1800n,
    validBefore: NOW_S + 1800n,
    criticalOptions: new Map(),
    extensions: new Map([
      ["permit-port-forwarding", Buffer.alloc(0)],
      ["permit-pty", Buffer.alloc(0)],
    ]),
    signatureKey: authority.public,
    ...changes,
  };
}

/** A certificate with these changes, however odd, duly signed. */
export function certify(
  changes: Partial<CertificateFields> = {},
  ca: Holder = holding(authority),
): Certificate {
  const fields = sampleFields({ signatureKey: ca.key, ...changes });
  return decodeCertificate(encodeCertificate(fields, ca.sign(encodeSignedBytes(fields))));
}

export function holding(key: PrivateKey): Holder {
  return { key: key.public, sign: (data) => key.sign(data) };
}

/** What accepts Alice's ordinary certificate. */
export function sampleDemands(changes: Partial<CertificateDemands> = {}): CertificateDemands {
  return {
    kind: "user",
    trusted: [authority.public],
    principal: "alice",
    nowMs: Number(NOW_S) * 1000,
    clientAddress: "192.0.2.7",
    isRevoked: () => false,
    ...changes,
  };
}

/** The code that `action` is refused with; anything else it throws, or nothing, fails. */
export function codeOf(action: () => unknown): CertificateErrorCode {
  try {
    action();
  } catch (error) {
    if (error instanceof CertificateError) return error.code;
    throw error;
  }
  return assert.fail("was not refused");
}
