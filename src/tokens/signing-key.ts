import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { generateKey } from "../keypair/index.js";
import { TokenError } from "./token-error.js";

/** The key that signs the bastion's own tokens; ECDSA on P-256, as Ed25519 in Web Crypto is experimental in Node 20. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const CURVE = "P-256";

/** A new key out of the system's randomness. */
export function generateSigningKey(): SigningKey {
  return signingKeyOf(generateKey(CURVE));
}

/** The text of its file: a JWK (RFC 7517) and a line end. For files of mode 0600. */
export function encodeSigningKey({ privateKey }: SigningKey): string {
  const { kty, crv, x, y, d } = privateKey.export({ format: "jwk" });
  return `${JSON.stringify({ kty, crv, x, y, d })}\n`;
}

/** Reads it again. Throws TokenError `key-invalid`; its text never holds the key. */
export function parseSigningKey(text: string): SigningKey {
  try {
    const key = JSON.parse(text) as Record<string, string>;
    if (key["kty"] === "EC" && key["crv"] === CURVE) {
      return signingKeyOf(createPrivateKey({ key, format: "jwk" }));
    }
  } catch {
    // the native message could quote the file
  }
  throw new TokenError("key-invalid", "not a P-256 private key in JWK form");
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
