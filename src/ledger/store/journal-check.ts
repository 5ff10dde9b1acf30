import { checkHash, leafOf } from "../entry-row.js";
import { LedgerError } from "../ledger-error.js";
import { TILE_WIDTH } from "../tree/tile.js";
import type { EntryStore, Row } from "./entry-store.js";
import { missing, readPage } from "./scan.js";
import type { ProvenTree } from "./proven-tree.js";

/**
 * How many of the last entries are read on opening. The smallest row takes some 140 bytes of a LevelDB write buffer of
 * 4 MiB (WRITE_BUFFER_BYTES), so this is more rows than two logs can hold.
 */
export const TAIL_ROWS = 65_536;

/** Entries that were lost or damaged, and put back: from number `from` up to and with `to`. */
export interface HealedRange {
  readonly from: number;
  readonly to: number;
}

/** Gives a block's entries from outside of the journal, unproven. Throws LedgerError when it has none. */
export type ReadBlock = (block: number, width: number) => Promise<readonly Buffer[]>;

/**
 * Holds a journal against the tree that a checkpoint was signed for, and puts back what it lost: rows that are missing or
 * no longer have their hash, if their bundle proves to be of that tree. A row that is whole and another than the one that
 * was signed for is not put right but refused: that is no damage.
 *
 * Known hole: of the entries since the last checkpoint, which are some of the last second, LevelDB may lose the end
 * without a trace when its files are damaged.
 */
export class JournalCheck {
  readonly #store: EntryStore;
  readonly #tree: ProvenTree;
  readonly #readBlock: ReadBlock;

  constructor(store: EntryStore, tree: ProvenTree, readBlock: ReadBlock) {
    this.#store = store;
    this.#tree = tree;
    this.#readBlock = readBlock;
  }

  /**
   * Checks the first block and the last TAIL_ROWS: the same short time however many there are. The tail is where LevelDB
   * loses what it had acknowledged: on opening it replays its logs, at most two, and drops what it cannot read of them
   * without a word. Everything else is checked when it is read. Gives the number of entries, and what was put back. Throws
   * LedgerError `missing-entry`, `damaged-entry`, `journal-behind`, `root-mismatch`, `tile-invalid`, `store-failed`.
   */
  async open(): Promise<{ readonly size: number; readonly healed: readonly HealedRange[] }> {
    const last = await this.#last();
    const size = Math.max(last + 1, this.#tree.size);
    const tail = Math.max(0, Math.floor((last + 1 - TAIL_ROWS) / TILE_WIDTH));
    const healed: HealedRange[] = [];
    if (tail > 0) healed.push(...(await this.block(0, size)));
    for (let block = tail; block * TILE_WIDTH < size; block += 1)
      healed.push(...(await this.block(block, size)));
    return { size, healed: joined(healed) };
  }

  /** Checks one block of 256 entries of a journal that has, or should have, `size` of them. Throws as `open` does. */
  async block(block: number, size: number): Promise<readonly HealedRange[]> {
    const first = block * TILE_WIDTH;
    const count = Math.min(TILE_WIDTH, size - first);
    const rows = new Map((await readPage(this.#store, first, count)).map((row) => [row.index, row]));
    const faults = Array.from({ length: count }, (_, at) => faultOf(first + at, rows.get(first + at))).filter(
      (fault) => fault !== undefined,
    );
    const whole = [...rows.values()].filter(
      ({ index }) => index < first + count && !faults.some((fault) => fault.index === index),
    );
    if (faults.length > 0) return await this.#heal(block, faults, whole);
    const signed = whole.slice(0, this.#tree.widthOf(block));
    await this.#tree.check(
      block,
      signed.map(({ value }) => leafOf(value)),
    );
    return [];
  }

  async #heal(
    block: number,
    faults: readonly LedgerError[],
    whole: readonly Row[],
  ): Promise<readonly HealedRange[]> {
    const width = this.#tree.widthOf(block);
    const unsigned = faults.find(({ index = 0 }) => index >= block * TILE_WIDTH + width);
    if (unsigned !== undefined) throw unsigned;
    const proven = await this.#proven(block, width, faults);
    for (const { index, value } of whole) {
      const signed = proven[index - block * TILE_WIDTH];
      if (signed !== undefined && !signed.value.equals(value)) throw otherEntry(index);
    }
    const lost = proven.filter(({ index }) => faults.some((fault) => fault.index === index));
    await this.#write(lost);
    return joined(lost.map(({ index }) => ({ from: index, to: index })));
  }

  async #proven(block: number, width: number, [fault]: readonly LedgerError[]): Promise<readonly Row[]> {
    try {
      return await this.#tree.rows(block, await this.#readBlock(block, width));
    } catch (cause) {
      if (!(cause instanceof LedgerError) || fault === undefined) throw cause;
      const message = `${fault.message}, and its bundle does not prove it: ${cause.message}`;
      const code = fault.code === "missing-entry" ? "journal-behind" : fault.code;
      throw new LedgerError(code, message, {
        ...(fault.index !== undefined && { index: fault.index }),
        cause,
      });
    }
  }

  async #write(rows: readonly Row[]): Promise<void> {
    try {
      await this.#store.write(rows);
    } catch (cause) {
      throw new LedgerError("store-failed", "entries could not be put back into the journal", { cause });
    }
  }

  async #last(): Promise<number> {
    try {
      return await this.#store.last();
    } catch (cause) {
      if (cause instanceof LedgerError) throw cause;
      throw new LedgerError("store-failed", "the journal's last entry cannot be read", { cause });
    }
  }
}

function faultOf(index: number, row: Row | undefined): LedgerError | undefined {
  if (row === undefined) return missing(index);
  try {
    checkHash(index, row.value);
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}

function otherEntry(index: number): LedgerError {
  return new LedgerError(
    "root-mismatch",
    `entry ${index} is not the one that the checkpoint was signed for`,
    {
      index,
    },
  );
}

/** Ranges that touch each other as one. */
function joined(ranges: readonly HealedRange[]): HealedRange[] {
  const all: HealedRange[] = [];
  for (const range of ranges) {
    const last = all.at(-1);
    if (last?.to === range.from - 1) all[all.length - 1] = { from: last.from, to: range.to };
    else all.push(range);
  }
  return all;
}
