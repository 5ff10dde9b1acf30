import { openRow } from "../entry-row.js";
import type { Row } from "./entry-store.js";
import { scanRows } from "./scan.js";
import { openStore } from "./level-store.js";

/** How many entries pass between two calls of `onProgress`. */
const PROGRESS_ROWS = 1000;

export interface VerifyOptions {
  readonly onProgress?: (checked: number, total: number) => void;
  /** Aborting makes the verification reject with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Sees every entry's JSON value, in order, after it was checked; throws what it finds wrong. */
  readonly onEntry?: (index: number, atMs: number, entry: unknown) => void;
}

export interface VerifyResult {
  readonly entries: number;
}

/**
 * Checks every entry of the ledger in `dir`: contiguous numbers, hashes, canonical form. Needs the database's lock, and
 * so refuses while a bascule runs on it (`in-use`); opening lets LevelDB tidy its files. Throws LedgerError for the
 * first fault, `index` naming the entry: `missing-entry` or `damaged-entry`; also `not-found`, `store-failed`.
 */
export async function verifyLedger(dir: string, options: VerifyOptions = {}): Promise<VerifyResult> {
  const store = await openStore(dir, { create: false });
  try {
    const size = (await store.last()) + 1;
    return await verifyRows(scanRows(store, 0, size), size, options);
  } finally {
    await store.close();
  }
}

/** The same over rows at hand. */
export async function verifyRows(
  rows: AsyncIterable<Row>,
  total: number,
  { onProgress, onEntry, signal }: VerifyOptions,
): Promise<VerifyResult> {
  let entries = 0;
  for await (const row of rows) {
    signal?.throwIfAborted();
    const { at, entry } = openRow(row.index, row.value);
    onEntry?.(row.index, at, entry);
    entries += 1;
    if (entries % PROGRESS_ROWS === 0) onProgress?.(entries, total);
  }
  if (entries % PROGRESS_ROWS !== 0 || entries === 0) onProgress?.(entries, total);
  return { entries };
}
