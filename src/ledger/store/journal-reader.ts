import { checkHash, leafOf } from "../entry-row.js";
import { LedgerError } from "../ledger-error.js";
import { Frontier } from "../tree/frontier.js";
import { TILE_WIDTH } from "../tree/tile.js";
import type { DurableFiles } from "./durable-files.js";
import type { EntryStore, Row } from "./entry-store.js";
import type { HealedRange } from "./journal-check.js";
import { journalCheck } from "./recover.js";
import { scanRows } from "./scan.js";
import type { TileEdge } from "./tile-edge.js";

export interface JournalReaderOptions {
  /** Of the tree of the newest checkpoint. */
  readonly edge: () => TileEdge;
  readonly onHealed: (range: HealedRange) => void;
}

/**
 * Reads the journal of an open ledger: each row is there and has its hash, or is put back from its bundle if that is proven
 * by the newest checkpoint. Who reads from the first entry on, or behind a tree, also has the root compared, before the entry
 * that follows what was signed for, or before the end.
 */
export class JournalReader {
  readonly #store: EntryStore;
  readonly #files: DurableFiles;
  readonly #options: JournalReaderOptions;

  constructor(store: EntryStore, files: DurableFiles, options: JournalReaderOptions) {
    this.#store = store;
    this.#files = files;
    this.#options = options;
  }

  /**
   * The rows from number `from` up to, not including, `to`. `before` is the tree of those before them, which the caller has
   * proven. Throws LedgerError as `JournalCheck.block` does.
   */
  async *rows(
    from: number,
    to: number,
    before = from === 0 ? Frontier.empty() : undefined,
  ): AsyncGenerator<Row, void, undefined> {
    const root = before && new RootCheck(before, this.#options.edge());
    let next = from;
    let tried = -1; // a row that is at fault again after it was put back stays so
    while (next < to) {
      try {
        for await (const row of scanRows(this.#store, next, to)) {
          checkHash(row.index, row.value);
          root?.add(row);
          yield row;
          next += 1;
        }
      } catch (error) {
        if (!isDamage(error) || tried === next) throw error;
        tried = next;
        await this.#heal(next, error);
      }
    }
  }

  async #heal(index: number, fault: LedgerError): Promise<void> {
    const edge = this.#options.edge();
    if (index >= edge.size) throw fault;
    const check = journalCheck(this.#store, this.#files, edge);
    for (const range of await check.block(Math.floor(index / TILE_WIDTH), edge.size))
      this.#options.onHealed(range);
  }
}

/** The root over all rows up to where the tree with that edge ends. */
class RootCheck {
  readonly #frontier: Frontier;
  readonly #edge: TileEdge;

  constructor(before: Frontier, edge: TileEdge) {
    this.#frontier = before.clone();
    this.#edge = edge;
  }

  add({ value }: Row): void {
    const { size } = this.#edge;
    if (this.#frontier.size >= size) return;
    this.#frontier.append(leafOf(value));
    if (this.#frontier.size < size || this.#frontier.root().equals(this.#edge.root())) return;
    throw new LedgerError(
      "root-mismatch",
      `the ${size} entries are not those that the checkpoint was signed for`,
    );
  }
}

function isDamage(error: unknown): error is LedgerError {
  return error instanceof LedgerError && ["missing-entry", "damaged-entry"].includes(error.code);
}
