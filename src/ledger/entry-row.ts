import { canonicalJson } from "./canonical-json.js";
import { LedgerError } from "./ledger-error.js";
import { HASH_BYTES, leafHash } from "./tree/hash.js";

/** Longest entry, as canonical JSON bytes. C2SP would allow 65,535; a small limit keeps every page and bundle small. */
export const ENTRY_BYTES_MAX = 4096;

/** One entry as it is kept. `atMs` is the wall clock when it was appended; it may go backwards when that clock does. */
export interface LedgerRecord<E> {
  readonly index: number;
  readonly atMs: number;
  readonly entry: E;
}

/** How the caller's entries become JSON values and come back; `decode` throws on what it does not know. */
export interface EntryCodec<E> {
  encode(entry: E): unknown;
  decode(value: unknown): E;
}

/**
 * The value stored under an entry's number: leaf hash ‖ canonical JSON of `{at, entry, index}`.
 * Throws LedgerError `not-json` or `entry-too-long`.
 */
export function encodeRow<E>(record: LedgerRecord<E>, codec: EntryCodec<E>): Buffer {
  const { index, atMs, entry } = record;
  const bytes = Buffer.from(canonicalJson({ at: atMs, entry: codec.encode(entry), index }));
  if (bytes.length > ENTRY_BYTES_MAX) {
    throw new LedgerError("entry-too-long", `an entry of ${bytes.length} bytes; at most ${ENTRY_BYTES_MAX}`);
  }
  return rowValue(bytes);
}

/** The value stored for an entry's bytes. */
export function rowValue(bytes: Buffer): Buffer {
  return Buffer.concat([leafHash(bytes), bytes]);
}

/** The leaf hash that a stored value names; `checkHash` tells whether it is true. */
export function leafOf(value: Buffer): Buffer {
  return value.subarray(0, HASH_BYTES);
}

/** An entry's bytes, as they are a leaf of the tree. */
export function bytesOf(value: Buffer): Buffer {
  return value.subarray(HASH_BYTES);
}

/**
 * The record in a stored value. Strict: the hash fits, the number is the one it is stored under, and the bytes are the
 * canonical ones. Throws LedgerError `damaged-entry`, or `undecodable-entry` for what only the codec refuses.
 */
export function decodeRow<E>(index: number, value: Buffer, codec: EntryCodec<E>): LedgerRecord<E> {
  const { at, entry } = openRow(index, value);
  try {
    return { index, atMs: at, entry: codec.decode(entry) };
  } catch (cause) {
    throw new LedgerError("undecodable-entry", `entry ${index} is not known to this version`, {
      index,
      cause,
    });
  }
}

interface Envelope {
  readonly at: number;
  readonly entry: unknown;
}

/** Everything that can be checked without knowing what entries mean. Throws LedgerError `damaged-entry`. */
export function openRow(index: number, value: Buffer): Envelope {
  const bytes = bytesOf(value);
  if (bytes.length > ENTRY_BYTES_MAX) throw damaged(index, "is too long");
  checkHash(index, value);
  const text = bytes.toString();
  const envelope = parseJson(index, text);
  if (!isEnvelope(envelope) || envelope.index !== index) throw damaged(index, "is not entry of that number");
  if (canonicalJson(envelope) !== text) throw damaged(index, "is not canonical");
  return envelope;
}

/** Whether a stored value still has its hash: the quick part of `openRow`. Throws LedgerError `damaged-entry`. */
export function checkHash(index: number, value: Buffer): void {
  if (!leafHash(bytesOf(value)).equals(leafOf(value))) throw damaged(index, "does not have its hash");
}

function parseJson(index: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(index, "is not JSON", cause);
  }
}

function isEnvelope(value: unknown): value is Envelope & { readonly index: number } {
  if (typeof value !== "object" || value === null) return false;
  const names = Object.keys(value).sort().join();
  return names === "at,entry,index" && "at" in value && Number.isSafeInteger(value.at);
}

function damaged(index: number, what: string, cause?: unknown): LedgerError {
  return new LedgerError("damaged-entry", `entry ${index} ${what}`, { index, cause });
}
