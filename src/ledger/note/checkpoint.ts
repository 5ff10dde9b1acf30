import { LedgerError } from "../ledger-error.js";
import { HASH_BYTES } from "../tree/hash.js";
import { decodeBase64 } from "./base64.js";
import { parseCount } from "./count.js";
import { encodeNote } from "./note.js";
import { openNote, signNote } from "./note-signature.js";
import type { Signer } from "./signer.js";
import type { VerifierKey } from "./verifier-key.js";

/** What a log says of itself (C2SP tlog-checkpoint): its name, its number of leaves, the root over them. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The note text of a checkpoint: origin, size, base64 of the root, each on a line. Throws TypeError for no checkpoint. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${root.toString("base64")}\n`;
  const { origin: first, size: second, root: third } = parseCheckpoint(text);
  if (first === origin && second === size && third.equals(root)) return text;
  throw new TypeError("not a checkpoint");
}

/**
 * The checkpoint in a note's text, which the caller has verified. Exactly three lines: this version writes no extension
 * lines, and what nobody checks is not let in. Throws LedgerError `checkpoint-invalid`.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = "", sizeText = "", rootText = "", end, ...more] = text.split("\n");
  const size = parseCount(sizeText);
  const root = decodeBase64(rootText);
  if (origin === "" || end !== "" || more.length > 0)
    throw invalid("not origin, size and root on three lines");
  if (size === undefined) throw invalid("a size that is no number");
  if (root?.length !== HASH_BYTES) throw invalid("a root that is no hash");
  return { origin, size, root };
}

/**
 * What a checkpoint of any log says, whatever extension lines (none of them empty) follow: a witness takes them from others.
 * Throws LedgerError `checkpoint-invalid`.
 */
export function parseTreeHead(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.slice(3, -1).includes("")) throw invalid("an empty extension line");
  return parseCheckpoint([...lines.slice(0, 3), lines.at(-1)].join("\n"));
}

/** A checkpoint as a note with the log's own signature. Throws TypeError unless the signer's name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  if (checkpoint.origin !== signer.verifier.name) throw new TypeError("a log signs for itself only");
  const text = encodeCheckpoint(checkpoint);
  return encodeNote({ text, signatures: [signNote(text, signer)] });
}

/**
 * The checkpoint that the log with this key signed. The origin must be the key's name. Verified: signature, origin and
 * form; nothing of what the root stands for. Throws LedgerError `note-invalid`, `signature-invalid` or `checkpoint-invalid`.
 */
export function openCheckpoint(note: string | Uint8Array, key: VerifierKey): Checkpoint {
  const checkpoint = parseCheckpoint(openNote(note, key).text);
  if (checkpoint.origin !== key.name) throw invalid("of another log");
  return checkpoint;
}

function invalid(what: string): LedgerError {
  return new LedgerError("checkpoint-invalid", `not a checkpoint: ${what}`);
}
