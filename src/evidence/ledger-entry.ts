import { canonicalJson, ENTRY_BYTES_MAX, LedgerError } from "../ledger/index.js";

/** The last moment that a date of ECMAScript can hold. */
const TIME_MS_MAX = 8.64e15;

/** What an entry's bytes say, whatever its event means. */
export interface LedgerEntry {
  readonly atMs: number;
  readonly event: unknown;
}

/**
 * Opens the bytes of entry `index`: the canonical JSON of `{at, entry, index}`, that number, and not a byte more. Gives a
 * sentence for what is not.
 */
export function openEntry(index: number, bytes: Buffer): LedgerEntry | string {
  if (bytes.length > ENTRY_BYTES_MAX) return `it has ${bytes.length} bytes; at most ${ENTRY_BYTES_MAX}`;
  const text = bytes.toString();
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return "it is no JSON object";
  const { at, entry, index: number, ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0 || entry === undefined || !isTime(at))
    return "it is not an entry's JSON";
  if (number !== index) return `it says that it is entry ${String(number).slice(0, 20)}`;
  if (!isCanonical(value, bytes)) return "its JSON is not canonical";
  return { atMs: at, event: entry };
}

function isTime(at: unknown): at is number {
  return Number.isSafeInteger(at) && Math.abs(at as number) <= TIME_MS_MAX;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Also false for bytes that are not UTF-8, as they do not come back. */
function isCanonical(value: unknown, bytes: Buffer): boolean {
  try {
    return Buffer.from(canonicalJson(value)).equals(bytes);
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}
