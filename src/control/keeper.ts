import { emptyState, fold, parseAccessEvent, type AccessEvent, type State } from "../access/index.js";
import {
  LedgerError,
  openLedger,
  type Ledger,
  type LedgerRecord,
  type VerifyResult,
} from "../ledger/index.js";

const codec = { encode: (event: AccessEvent): unknown => event, decode: parseAccessEvent };

/** What was just written down, with its number and time. */
export type WrittenRecord = LedgerRecord<AccessEvent>;

export interface KeeperOptions {
  readonly nowMs: () => number;
  /** The ledger takes nothing more: the process must end, and what is true be read anew from the disk. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps what is true: the ledger, and the state that is the fold of its entries. There is no other way to change state
 * than `record`.
 */
export class Keeper {
  readonly state: State;
  readonly #ledger: Ledger<AccessEvent>;
  readonly #onFailure: (error: unknown) => void;
  readonly #watchers: Set<(record: WrittenRecord) => void>;

  private constructor(
    ledger: Ledger<AccessEvent>,
    state: State,
    onFailure: (error: unknown) => void,
    watchers: Set<(record: WrittenRecord) => void>,
  ) {
    this.#ledger = ledger;
    this.state = state;
    this.#onFailure = onFailure;
    this.#watchers = watchers;
  }

  /** Opens the ledger and folds all of it. Throws LedgerError; AccessError for entries that cannot follow each other. */
  static async open(folder: string, { nowMs, onFailure }: KeeperOptions): Promise<Keeper> {
    const state = emptyState();
    const watchers = new Set<(record: WrittenRecord) => void>();
    const onAppended = (record: WrittenRecord) => {
      fold(state, record.entry, record.atMs);
      for (const watcher of watchers) watcher(record);
    };
    const ledger = await openLedger(folder, { codec, nowMs, onAppended });
    try {
      for await (const { entry, atMs } of ledger.read()) fold(state, entry, atMs);
    } catch (error) {
      await ledger.close();
      throw error;
    }
    return new Keeper(ledger, state, onFailure, watchers);
  }

  /** Number of entries. */
  get size(): number {
    return this.#ledger.size;
  }

  /**
   * Writes an event down. When it resolves, the event is on the disk and folded into `state`. The caller has made sure
   * that the event is possible (it names only what state knows): one that cannot be folded ends the process.
   */
  async record(event: AccessEvent): Promise<void> {
    try {
      await this.#ledger.append(event);
    } catch (error) {
      if (!isHarmless(error)) this.#onFailure(error);
      throw error;
    }
  }

  /**
   * Tells `watcher` of each entry from here on, when it is durable and folded, before its `record` resolves: never again of
   * what was read at opening. It must return at once. One that throws is told to `onFault` and changes nothing.
   */
  watch(watcher: (record: WrittenRecord) => void, onFault: (error: unknown) => void): void {
    this.#watchers.add((record) => {
      try {
        watcher(record);
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** The entries from number `from` on, oldest first. */
  read(from = 0): AsyncIterable<LedgerRecord<AccessEvent>> {
    return this.#ledger.read(from);
  }

  /** Checks numbers, hashes and form of every entry. Throws LedgerError. */
  verify(): Promise<VerifyResult> {
    return this.#ledger.verify();
  }

  close(): Promise<void> {
    return this.#ledger.close();
  }
}

/** Nothing was added, and the ledger goes on. */
function isHarmless(error: unknown): boolean {
  const codes = ["not-json", "entry-too-long", "undecodable-entry", "queue-full", "closed"];
  return error instanceof LedgerError && codes.includes(error.code);
}
