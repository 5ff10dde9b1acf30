import { sign } from "node:crypto";
import { LedgerError } from "../ledger-error.js";
import { isSignedAs, parseNote, type Note, type NoteSignature } from "./note.js";
import type { Signer } from "./signer.js";
import { verifiesWith, type VerifierKey } from "./verifier-key.js";

/**
 * Signs the text of a note with Ed25519 (C2SP signed-note). `text` ends in a newline. Throws TypeError for a key that is
 * for cosignatures: no key does two jobs.
 */
export function signNote(text: string, { verifier, privateKey }: Signer): NoteSignature {
  if (verifier.type !== "ed25519") throw new TypeError("a key for cosignatures signs no note");
  const { name, keyId } = verifier;
  return { name, keyId, signature: sign(null, Buffer.from(text), privateKey) };
}

/**
 * The parts of a note that is signed by `key`. Lines by other keys prove nothing and are only kept. Throws LedgerError
 * `note-invalid`, or `signature-invalid` when no line is by the key or one of its lines does not verify.
 */
export function openNote(source: string | Uint8Array, key: VerifierKey): Note {
  if (key.type !== "ed25519") throw new TypeError("a key for cosignatures verifies no note");
  const note = parseNote(source);
  const own = note.signatures.filter((signature) => isSignedAs(signature, key));
  const message = Buffer.from(note.text);
  if (own.length === 0) throw unsigned(`no signature by ${key.name}`);
  if (!own.every(({ signature }) => verifiesWith(key, message, signature)))
    throw unsigned(`a signature that is not by ${key.name}, whose name and id it has`);
  return note;
}

export function unsigned(what: string): LedgerError {
  return new LedgerError("signature-invalid", what);
}
