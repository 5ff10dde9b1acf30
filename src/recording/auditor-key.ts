import { createPrivateKey, createPublicKey } from "node:crypto";
import { generateKey } from "../keypair/index.js";
import { RecordingError } from "./recording-error.js";

/** An auditor's X25519 public key: recordings are sealed to it. */
export interface AuditorPublicKey {
  /** The 32 bytes in base64url, as in a JWK (RFC 8037). */
  readonly x: string;
}

/** An auditor's X25519 key pair. `d` is the secret, 32 bytes in base64url. */
export interface AuditorPrivateKey extends AuditorPublicKey {
  readonly d: string;
}

const prefix = "bascule-auditor:";
/** 32 bytes in unpadded base64url: 43 characters, the last of which carries four bits. */
const key32 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** A new key pair out of the system's randomness. */
export function generateAuditorKey(): AuditorPrivateKey {
  const { x, d } = generateKey("x25519").export({ format: "jwk" });
  if (x === undefined || d === undefined) throw new Error("X25519 keys export as JWK with x and d");
  return { x, d };
}

/** `bascule-auditor:<base64url>`, the form for configuration files. */
export function encodeAuditorPublicKey(key: AuditorPublicKey): string {
  return prefix + key.x;
}

/**
 * Reads {@link encodeAuditorPublicKey}'s form, and nothing looser.
 * @throws RecordingError `auditor-key-invalid`
 */
export function parseAuditorPublicKey(text: string): AuditorPublicKey {
  const x = text.startsWith(prefix) ? text.slice(prefix.length) : "";
  if (!key32.test(x))
    throw new RecordingError("auditor-key-invalid", `not of the form ${prefix}<43 base64url digits>`);
  return { x };
}

/** The text of a private key's file: a JWK and a line end. For files of mode 0600. */
export function encodeAuditorPrivateKey(key: AuditorPrivateKey): string {
  return `${JSON.stringify({ kty: "OKP", crv: "X25519", x: key.x, d: key.d })}\n`;
}

/**
 * Reads a private key's JWK, whatever its spacing and order, and checks that both halves belong together.
 * @throws RecordingError `auditor-key-invalid`; its text never holds the key
 */
export function parseAuditorPrivateKey(text: string): AuditorPrivateKey {
  const { kty, crv, x, d } = jsonObject(text);
  if (kty !== "OKP" || crv !== "X25519" || typeof x !== "string" || typeof d !== "string")
    throw new RecordingError("auditor-key-invalid", "not an X25519 private key in JWK form");
  if (!key32.test(x) || !key32.test(d) || publicOf({ x, d }) !== x)
    throw new RecordingError("auditor-key-invalid", "the two halves of the key do not belong together");
  return { x, d };
}

function publicOf({ x, d }: AuditorPrivateKey): string | undefined {
  const key = { kty: "OKP", crv: "X25519", x, d };
  return createPublicKey(createPrivateKey({ key, format: "jwk" })).export({ format: "jwk" }).x;
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // The parser's own message would quote the file.
  }
  throw new RecordingError("auditor-key-invalid", "the key file is not JSON");
}
