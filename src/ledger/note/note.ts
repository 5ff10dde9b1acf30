import { LedgerError } from "../ledger-error.js";
import { decodeBase64 } from "./base64.js";
import { isKeyName } from "./key-name.js";
import type { VerifierKey } from "./verifier-key.js";

/** Largest note, in UTF-8 bytes: a text and 100 lines, some of them with post-quantum signatures of nearly 5 kB. */
export const NOTE_BYTES_MAX = 256 * 1024;

/** Most signature lines; C2SP signed-note wants at least 16 to be taken. */
export const NOTE_SIGNATURES_MAX = 100;

const KEY_ID_BYTES = 4;

/** One signature line: by whom (`keyId` is 4 bytes), and the signature without that id. Proves nothing by itself. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: Buffer;
  readonly signature: Buffer;
}

/** A note (C2SP signed-note): a text that ends in a newline, and its signatures in their order. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const SIGNATURE_LINE = /^— (?<name>[^ ]+) (?<base64>[^ ]+)$/u;

/** Control characters but newline, and half characters. */
const NOT_IN_NOTE = /[\u0000-\u0009\u000b-\u001f\p{Surrogate}]/u;

/**
 * The parts of a signed note, none of them verified. Lines of unknown keys and types are kept: what is parsed encodes to
 * the same text. Throws LedgerError `note-invalid`, bytes that are not UTF-8 included.
 */
export function parseNote(source: string | Uint8Array): Note {
  const whole = decodeText(source);
  const end = whole.lastIndexOf("\n\n") + 1; // of the text, with its newline; 0 when there is no blank line
  if (end === 0 || !whole.endsWith("\n")) throw invalid("no blank line between a text and its signatures");
  const lines = whole.slice(end + 1, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) throw invalid("too many signatures");
  return { text: whole.slice(0, end), signatures: lines.map(parseSignatureLine) };
}

/** The note as it is written. Throws LedgerError `note-invalid` for what `parseNote` would not read back. */
export function encodeNote({ text, signatures }: Note): string {
  const lines = signatures.map(encodeSignatureLine);
  if (!text.endsWith("\n") || lines.length === 0)
    throw invalid("a text without its newline, or no signature");
  const whole = `${text}\n${lines.map((line) => `${line}\n`).join("")}`;
  parseNote(whole);
  return whole;
}

/** One signature line without its newline, as it stands in a note. */
export function encodeSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${Buffer.concat([keyId, signature]).toString("base64")}`;
}

/** One signature line, without its newline. Throws LedgerError `note-invalid`. */
export function parseSignatureLine(line: string): NoteSignature {
  const { name = "", base64 = "" } = SIGNATURE_LINE.exec(line)?.groups ?? {};
  const bytes = decodeBase64(base64);
  if (!isKeyName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES)
    throw invalid("a line that is no signature");
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES), signature: bytes.subarray(KEY_ID_BYTES) };
}

/** Whether a signature says that it is by this key: name and id agree. That it verifies is another question. */
export function isSignedAs({ name, keyId }: NoteSignature, key: VerifierKey): boolean {
  return name === key.name && keyId.equals(key.keyId);
}

function decodeText(source: string | Uint8Array): string {
  const bytes = typeof source === "string" ? Buffer.byteLength(source) : source.length;
  if (bytes > NOTE_BYTES_MAX) throw invalid(`${bytes} bytes; at most ${NOTE_BYTES_MAX}`);
  const text = typeof source === "string" ? source : decodeUtf8(source);
  if (NOT_IN_NOTE.test(text)) throw invalid("a control character, or half a character");
  return text;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new LedgerError("note-invalid", "not a signed note: bytes that are not UTF-8", { cause });
  }
}

function invalid(what: string): LedgerError {
  return new LedgerError("note-invalid", `not a signed note: ${what}`);
}
