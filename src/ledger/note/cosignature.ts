import { sign } from "node:crypto";
import { parseTreeHead } from "./checkpoint.js";
import { isSignedAs, parseNote, type NoteSignature } from "./note.js";
import { unsigned } from "./note-signature.js";
import type { Signer } from "./signer.js";
import { verifiesWith, type VerifierKey } from "./verifier-key.js";

const TIME_BYTES = 8;
const MS_PER_SECOND = 1000;

/** Last second that a date of ECMAScript can hold, and far below the 2^63 - 1 of C2SP tlog-cosignature. */
const SECONDS_MAX = 8.64e12;

/** Who saw that checkpoint as the log's newest, and when (wall clock of the witness, milliseconds since 1970). */
export interface Cosignature {
  readonly name: string;
  readonly atMs: number;
}

/**
 * A witness' cosignature/v1 (C2SP tlog-cosignature) of the checkpoint in `note`, at `timeSeconds` since 1970. That the
 * checkpoint is the log's and consistent is the caller's to have checked. Throws LedgerError `note-invalid`,
 * `checkpoint-invalid`; TypeError for a key of another type or a time that is none.
 */
export function cosign(note: string | Uint8Array, signer: Signer, timeSeconds: number): NoteSignature {
  const { name, keyId, type } = signer.verifier;
  if (type !== "cosignature") throw new TypeError("not a key for cosignatures");
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds < 0 || timeSeconds > SECONDS_MAX)
    throw new TypeError("not a time");
  const { text } = parseNote(note);
  parseTreeHead(text);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(timeSeconds));
  const signature = sign(null, messageOf(text, timeSeconds), signer.privateKey);
  return { name, keyId, signature: Buffer.concat([time, signature]) };
}

/**
 * When the witness with this key cosigned a checkpoint, whose note text `text` is. Throws LedgerError `signature-invalid`
 * for a line by another key and for one that does not verify.
 */
export function openCosignature(
  text: string,
  line: NoteSignature,
  key: VerifierKey,
): { readonly atMs: number } {
  if (key.type !== "cosignature") throw new TypeError("not a key for cosignatures");
  if (!isSignedAs(line, key)) throw unsigned(`not a cosignature by ${key.name}`);
  const bad = unsigned(`a cosignature that is not by ${key.name}, whose name and id it has`);
  if (line.signature.length <= TIME_BYTES) throw bad;
  const time = line.signature.readBigUInt64BE();
  if (time > BigInt(SECONDS_MAX)) throw bad;
  const message = messageOf(text, Number(time));
  if (!verifiesWith(key, message, line.signature.subarray(TIME_BYTES))) throw bad;
  return { atMs: Number(time) * MS_PER_SECOND };
}

/**
 * All cosignatures of a checkpoint by witnesses that are known, in the note's order; lines by others are passed over.
 * Throws LedgerError `note-invalid`, or `signature-invalid` for a known witness' line that does not verify.
 */
export function openCosignatures(
  note: string | Uint8Array,
  witnesses: readonly VerifierKey[],
): Cosignature[] {
  const { text, signatures } = parseNote(note);
  return signatures.flatMap((line) =>
    witnesses
      .filter((key) => isSignedAs(line, key))
      .map((key) => ({ name: key.name, ...openCosignature(text, line, key) })),
  );
}

function messageOf(text: string, timeSeconds: number): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}
