import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { generateKey } from "../keypair/index.js";
import { WireWriter } from "../wire/index.js";
import { certifiedHostKey } from "./certified-host-key.js";
import type { Ssh2Key } from "./insides.js";

/** An Ed25519 key that lives in this process only: a proxy's host key, or the fresh key of one upstream leg. */
export interface EphemeralKey {
  /** SSH wire form (RFC 8709 section 4). */
  readonly publicKey: Buffer;
  /** The raw 64-byte Ed25519 signature. */
  sign(data: Buffer): Buffer;
}

const algorithm = "ssh-ed25519";

export function generateEphemeralKey(): EphemeralKey {
  return ephemeralKey(generateKey("ed25519"));
}

/** The same from an Ed25519 private key that was read elsewhere. */
export function ephemeralKey(privateKey: KeyObject): EphemeralKey {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const publicKey = new WireWriter().string(algorithm).string(spki.subarray(-32)).finish();
  return { publicKey, sign: (data) => sign(null, data, privateKey) };
}

/** The key as a listener shows it without a certificate. */
export function plainHostKey(key: EphemeralKey): Ssh2Key {
  return { type: algorithm, getPublicSSH: () => key.publicKey, sign: (data) => key.sign(data) };
}

/** The key under a host certificate for it. */
export function hostKeyWithCertificate(key: EphemeralKey, certificate: Buffer): Ssh2Key {
  return certifiedHostKey(plainHostKey(key), certificate);
}
