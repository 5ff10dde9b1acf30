import type { EntryStore, Row } from "./entry-store.js";
import { LedgerError } from "../ledger-error.js";

/** Rows fetched at a time: a page is at most 1 MiB of entries, whatever the reader's speed. */
const PAGE_ROWS = 256;

/**
 * The rows with the numbers from `from` up to, not including, `to`: each of them, in order. Throws LedgerError
 * `missing-entry` where one is not there, and `closed` or `store-failed` when the store cannot be read.
 */
export async function* scanRows(
  store: EntryStore,
  from: number,
  to: number,
): AsyncGenerator<Row, void, undefined> {
  let next = from;
  while (next < to) {
    const page = await readPage(store, next, Math.min(PAGE_ROWS, to - next));
    for (const row of page) {
      if (row.index !== next) throw missing(next);
      yield row;
      next += 1;
    }
    if (page.length === 0) throw missing(next);
  }
}

/** The rows from number `from` on that are there, at most `countMax`. Throws LedgerError `closed` or `store-failed`. */
export async function readPage(store: EntryStore, from: number, countMax: number): Promise<readonly Row[]> {
  try {
    return await store.read(from, countMax);
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError("store-failed", `entries from ${from} on cannot be read`, { cause });
  }
}

export function missing(index: number): LedgerError {
  return new LedgerError("missing-entry", `entry ${index} is missing`, { index });
}
