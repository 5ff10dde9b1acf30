import { LedgerError } from "../ledger-error.js";
import { TILE_WIDTH } from "./tile.js";

const LENGTH_BYTES = 2;

/** Longest entry of a bundle: its length is a uint16 (C2SP tlog-tiles). */
const BUNDLED_BYTES_MAX = 0xffff;

/**
 * An entry bundle (C2SP tlog-tiles): of each entry its length, uint16 big-endian, then its bytes. Throws LedgerError
 * `bundle-invalid` for no entry, more than 256, or one of more than 65,535 bytes.
 */
export function encodeBundle(entries: readonly Buffer[]): Buffer {
  if (entries.length < 1 || entries.length > TILE_WIDTH) throw invalid(`${entries.length} entries`);
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > BUNDLED_BYTES_MAX) throw invalid(`an entry of ${entry.length} bytes`);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** The entries of a bundle: exactly `width`, and no byte more. Throws LedgerError `bundle-invalid`. */
export function decodeBundle(bytes: Buffer, width: number): Buffer[] {
  const entries: Buffer[] = [];
  let at = 0;
  while (entries.length < width) {
    if (at + LENGTH_BYTES > bytes.length)
      throw invalid(`it ends at byte ${bytes.length}, before entry ${entries.length}`);
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt16BE(at);
    if (at > bytes.length)
      throw invalid(`it ends at byte ${bytes.length}, inside of entry ${entries.length}`);
    entries.push(bytes.subarray(from, at));
  }
  if (at !== bytes.length) throw invalid(`bytes after its ${width} entries, from byte ${at} on`);
  return entries;
}

function invalid(what: string): LedgerError {
  return new LedgerError("bundle-invalid", `not an entry bundle: ${what}`);
}
