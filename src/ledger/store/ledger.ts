import { checkOnOpen } from "./open-check.js";
import { decodeRow, encodeRow, type EntryCodec, type LedgerRecord } from "../entry-row.js";
import type { EntryStore, Row } from "./entry-store.js";
import { GroupCommit } from "./group-commit.js";
import { LedgerError } from "../ledger-error.js";
import { scanRows } from "./scan.js";
import { openStore } from "./level-store.js";
import { verifyRows, type VerifyOptions, type VerifyResult } from "./verify-ledger.js";

export interface LedgerOptions<E> {
  readonly codec: EntryCodec<E>;
  /** The wall clock. */
  readonly nowMs: () => number;
  /**
   * Told of every entry appended here, in order, after it is durable and before its `append` resolves: the place to
   * fold it into state. It gets what a later reader would. If it throws, the ledger takes nothing more.
   */
  readonly onAppended?: (record: LedgerRecord<E>) => void;
}

/** The append-only list of everything that was decided and done. Entries are numbered from 0 without a gap. */
export interface Ledger<E> {
  /**
   * Adds an entry and resolves with its number when it is durable. Entries get their numbers in the order of the calls.
   * Rejects with LedgerError: `not-json`, `entry-too-long`, `undecodable-entry` or `queue-full` (nothing was added, go
   * on), `store-failed` (it may or may not be there: reopen), `closed`.
   */
  append(entry: E): Promise<number>;

  /** Resolves when `append` would not reject with `queue-full`: what a producer of many entries waits for. */
  room(): Promise<void>;

  /**
   * The entries from number `from` on, up to those durable at this call, each checked. Ends with LedgerError
   * `missing-entry`, `damaged-entry`, `undecodable-entry`, `store-failed` or `closed`.
   */
  read(from?: number): AsyncIterable<LedgerRecord<E>>;

  /**
   * The same, then each further entry when it is durable, until `signal` aborts or the ledger is closed, which ends it
   * without an error. A slow reader costs nothing: what it has not read stays in the store.
   */
  follow(from: number, signal: AbortSignal): AsyncIterable<LedgerRecord<E>>;

  /** Checks every entry, as `verifyLedger` does, without closing. */
  verify(options?: VerifyOptions): Promise<VerifyResult>;

  /** Number of durable entries. */
  readonly size: number;

  /** Lets what was appended become durable, then closes the store. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens the ledger in folder `dir`, or makes one. The lock is exclusive. On opening, the first entry and the last
 * `TAIL_ROWS` are checked (`checkOnOpen`). Throws LedgerError `in-use`, `missing-entry`, `damaged-entry`, `store-failed`.
 */
export async function openLedger<E>(dir: string, options: LedgerOptions<E>): Promise<Ledger<E>> {
  return openLedgerOn(await openStore(dir, { create: true }), options);
}

/** The same on any store; the store is the ledger's from here on, and closed with it or when it cannot be opened. */
export async function openLedgerOn<E>(store: EntryStore, options: LedgerOptions<E>): Promise<Ledger<E>> {
  try {
    return new StoredLedger(store, await checkOnOpen(store), options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

class StoredLedger<E> implements Ledger<E> {
  readonly #store: EntryStore;
  readonly #options: LedgerOptions<E>;
  readonly #commit: GroupCommit;
  /** Number of the next entry; ahead of `#size` by what waits for the disk. */
  #next: number;
  #size: number;
  #closing: Promise<void> | undefined;
  /** Wakes followers. */
  #wake = new Set<() => void>();

  constructor(store: EntryStore, size: number, options: LedgerOptions<E>) {
    this.#store = store;
    this.#options = options;
    this.#next = size;
    this.#size = size;
    this.#commit = new GroupCommit(store, {
      onDurable: (rows) => this.#onDurable(rows),
      onFailure: () => this.#wakeAll(),
    });
  }

  get size(): number {
    return this.#size;
  }

  async append(entry: E): Promise<number> {
    this.#checkOpen();
    const index = this.#next;
    const value = encodeRow({ index, atMs: Math.trunc(this.#options.nowMs()), entry }, this.#options.codec);
    decodeRow(index, value, this.#options.codec); // never keep what could not be read again
    const durable = this.#commit.add({ index, value });
    this.#next += 1;
    await durable;
    return index;
  }

  room(): Promise<void> {
    return this.#commit.room();
  }

  async *read(from = 0): AsyncGenerator<LedgerRecord<E>, void, undefined> {
    this.#checkOpen();
    for await (const row of this.#rows(from, this.#size)) yield this.#decode(row);
  }

  async *follow(from: number, signal: AbortSignal): AsyncGenerator<LedgerRecord<E>, void, undefined> {
    let next = from;
    while (!this.#isOver(signal)) {
      for await (const row of this.#rowsUntilOver(next, signal)) {
        yield this.#decode(row);
        next = row.index + 1;
      }
      if (next >= this.#size) await this.#change(signal);
    }
  }

  async verify(options: VerifyOptions = {}): Promise<VerifyResult> {
    this.#checkOpen();
    return await verifyRows(this.#rows(0, this.#size), this.#size, options);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#wakeAll();
    await this.#commit.drain();
    await this.#store.close();
  }

  #onDurable(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#size = row.index + 1;
      this.#options.onAppended?.(this.#decode(row));
    }
    this.#wakeAll();
  }

  #decode(row: Row): LedgerRecord<E> {
    return decodeRow(row.index, row.value, this.#options.codec);
  }

  /** Store errors after `close` mean only that. */
  async *#rows(from: number, to: number): AsyncGenerator<Row, void, undefined> {
    try {
      yield* scanRows(this.#store, from, to);
    } catch (error) {
      this.#checkOpen();
      throw error;
    }
  }

  async *#rowsUntilOver(from: number, signal: AbortSignal): AsyncGenerator<Row, void, undefined> {
    try {
      for await (const row of scanRows(this.#store, from, this.#size)) {
        if (this.#isOver(signal)) return;
        yield row;
      }
    } catch (error) {
      if (!this.#isOver(signal)) throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new LedgerError("closed", "the ledger is closed");
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.#closing !== undefined;
  }

  /** Resolves at the next batch, at close, or when `signal` aborts. */
  async #change(signal: AbortSignal): Promise<void> {
    if (this.#isOver(signal)) return;
    if (this.#commit.failure !== undefined) throw this.#commit.failure;
    await new Promise<void>((wake) => {
      const done = (): void => {
        this.#wake.delete(done);
        signal.removeEventListener("abort", done);
        wake();
      };
      this.#wake.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #wakeAll(): void {
    for (const wake of [...this.#wake]) wake();
  }
}
