import { createHash, createPublicKey, verify } from "node:crypto";
import { LedgerError } from "../ledger-error.js";
import { decodeBase64 } from "./base64.js";
import { isKeyName } from "./key-name.js";

/** What a key signs: the text of notes (C2SP signed-note), or cosignatures of checkpoints (C2SP tlog-cosignature). */
export type KeyType = "ed25519" | "cosignature";

/** C2SP signed-note, "signature types". */
const TYPE_BYTES: Readonly<Record<KeyType, number>> = { ed25519: 0x01, cosignature: 0x04 };

const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;

/** The public half of a key that signs notes. `keyId` is 4 bytes, `publicKey` the 32 of RFC 8032. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: Buffer;
  readonly type: KeyType;
  readonly publicKey: Buffer;
}

/** `name+<8 hex of the key id>+<base64 of type ‖ public key>`, on one line. */
const VERIFIER_KEY = /^(?<name>[^+\n]+)\+(?<keyId>[0-9a-f]{8})\+(?<base64>[A-Za-z0-9+/=]+)$/u;

/**
 * A verifier key as C2SP signed-note and Go's sumdb/note write it. Throws LedgerError `note-invalid` for another form,
 * an id that is not the key's, and a type other than Ed25519 and cosignature/v1.
 */
export function parseVerifierKey(text: string): VerifierKey {
  const { name = "", keyId, base64 = "" } = VERIFIER_KEY.exec(text)?.groups ?? {};
  const { type, bytes } = decodeTypedKey(base64) ?? {};
  if (!isKeyName(name) || type === undefined || bytes === undefined) throw notAKey("not a verifier key");
  const key = verifierKeyOf(name, type, bytes);
  if (key.keyId.toString("hex") !== keyId) throw notAKey("a verifier key with the id of another");
  return key;
}

/** The one line of a verifier key. */
export function encodeVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${keyId.toString("hex")}+${encodeTypedKey(type, publicKey)}`;
}

/** A verifier key from its parts; the id is SHA-256(name ‖ 0x0A ‖ type ‖ public key), 4 bytes of it. */
export function verifierKeyOf(name: string, type: KeyType, publicKey: Buffer): VerifierKey {
  const typed = Buffer.concat([Buffer.of(TYPE_BYTES[type]), publicKey]);
  const digest = createHash("sha256").update(`${name}\n`).update(typed).digest();
  return { name, keyId: digest.subarray(0, KEY_ID_BYTES), type, publicKey };
}

/** Whether an Ed25519 signature (RFC 8032) over `message` is the key's. False for one of another length as well. */
export function verifiesWith(
  { publicKey }: VerifierKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: publicKey.toString("base64url") };
  return verify(null, message, createPublicKey({ key: jwk, format: "jwk" }), signature);
}

/** Base64 of type ‖ 32 bytes of key, as verifier keys and signers hold it. */
export function encodeTypedKey(type: KeyType, key: Uint8Array): string {
  return Buffer.concat([Buffer.of(TYPE_BYTES[type]), key]).toString("base64");
}

/** The same back; undefined for another form, length or type. */
export function decodeTypedKey(base64: string): { type: KeyType; bytes: Buffer } | undefined {
  const typed = decodeBase64(base64);
  const type = (["ed25519", "cosignature"] as const).find((name) => TYPE_BYTES[name] === typed?.[0]);
  if (typed?.length !== 1 + PUBLIC_KEY_BYTES || type === undefined) return undefined;
  return { type, bytes: typed.subarray(1) };
}

/** Says nothing of the text: it may be a secret. */
export function notAKey(what: string): LedgerError {
  return new LedgerError("note-invalid", what);
}
