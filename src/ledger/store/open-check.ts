import { checkHash } from "../entry-row.js";
import type { EntryStore } from "./entry-store.js";
import { LedgerError } from "../ledger-error.js";
import { scanRows } from "./scan.js";

/**
 * How many of the last entries are read on opening. The smallest row takes some 140 bytes of a LevelDB write buffer of
 * 4 MiB (WRITE_BUFFER_BYTES), so this is more rows than two logs can hold.
 */
export const TAIL_ROWS = 65_536;

/**
 * The number of entries, after a check that takes the same short time however many there are: the first entry is
 * there, and the last TAIL_ROWS have their hashes and no gap. The tail is where LevelDB loses what it had acknowledged:
 * on opening it replays its logs, at most two, and drops what it cannot read of them without a word.
 *
 * Everything else is checked when it is read, and all of it by `verifyLedger`. Known hole: entries lost from the very
 * end leave no trace in here; it takes a checkpoint kept elsewhere to see that.
 *
 * Throws LedgerError `missing-entry`, `damaged-entry` or `store-failed`.
 */
export async function checkOnOpen(store: EntryStore): Promise<number> {
  const size = (await lastIndex(store)) + 1;
  for await (const row of scanRows(store, 0, Math.min(size, 1))) checkHash(row.index, row.value);
  for await (const row of scanRows(store, Math.max(0, size - TAIL_ROWS), size))
    checkHash(row.index, row.value);
  return size;
}

async function lastIndex(store: EntryStore): Promise<number> {
  try {
    return await store.last();
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError("store-failed", "the ledger's last entry cannot be read", { cause });
  }
}
