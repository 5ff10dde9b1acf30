import {
  createPrivateKey,
  generateKeyPairSync,
  type ED25519KeyPairOptions,
  type KeyObject,
} from "node:crypto";

/** RSA with its length in bits; else a curve, NIST's by the names that Node takes. */
export type KeyKind = "ed25519" | "x25519" | "P-256" | "P-384" | "P-521" | { readonly rsaBits: number };

/**
 * A new private key out of the system's randomness. Blocks; RSA for some hundred milliseconds.
 *
 * It is read back from its bytes, because Node's own object of a new key shares a lock with the job that made it, and exports
 * a JWK while it holds that lock: when the collector ends the job just then, the process waits for itself for ever (within seconds
 * in a loop, Node 20.20.2).
 */
export function generateKey(kind: KeyKind): KeyObject {
  const key = newKey(kind);
  try {
    return createPrivateKey({ key, format: "der", type: "pkcs8" });
  } finally {
    key.fill(0);
  }
}

function newKey(kind: KeyKind): Buffer {
  const encodings: ED25519KeyPairOptions<"der", "der"> = {
    privateKeyEncoding: { format: "der", type: "pkcs8" },
    publicKeyEncoding: { format: "der", type: "spki" },
  };
  if (typeof kind === "object")
    return generateKeyPairSync("rsa", { ...encodings, modulusLength: kind.rsaBits }).privateKey;
  switch (kind) {
    case "ed25519":
      return generateKeyPairSync("ed25519", encodings).privateKey;
    case "x25519":
      return generateKeyPairSync("x25519", encodings).privateKey;
    default:
      return generateKeyPairSync("ec", { ...encodings, namedCurve: kind }).privateKey;
  }
}
