import { openRow } from "../../src/ledger/entry-row.js";
import { openStore } from "../../src/ledger/store/level-store.js";
import { scanRows } from "../../src/ledger/store/scan.js";

/**
 * Checks every row of a journal whose writer is gone: contiguous numbers, hashes, canonical form. Gives how many there are.
 *
 * @param folder the database itself, such as `<home>/journal`
 * @throws LedgerError `in-use`, `not-found`, and `missing-entry` or `damaged-entry`, `index` naming the entry
 */
export async function checkJournal(
  folder: string,
  onEntry: (index: number, entry: unknown) => void,
): Promise<number> {
  const store = await openStore(folder, { create: false });
  try {
    const size = (await store.last()) + 1;
    for await (const { index, value } of scanRows(store, 0, size))
      onEntry(index, openRow(index, value).entry);
    return size;
  } finally {
    await store.close();
  }
}
