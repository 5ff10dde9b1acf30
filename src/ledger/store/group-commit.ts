import type { EntryStore, Row } from "./entry-store.js";
import { LedgerError } from "../ledger-error.js";

/** What may wait for the disk: at 5,000 entries a second, some three seconds of a disk that stands still. */
export const QUEUE_ROWS_MAX = 16_384;

/** Rows of one batch: with entries of 4 KiB still one LevelDB write buffer, so that a batch cannot stall for long. */
const BATCH_ROWS_MAX = 1024;

interface Waiting {
  readonly row: Row;
  readonly durable: () => void;
  readonly failed: (error: LedgerError) => void;
}

/**
 * Writes rows in the order they come, one durable batch at a time; what comes while a batch is being written makes up
 * the next one. The first failure is final: the store may or may not hold that batch, so nothing may follow it.
 */
export class GroupCommit {
  readonly #store: EntryStore;
  readonly #onDurable: (rows: readonly Row[]) => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #failure: LedgerError | undefined;
  #room: Deferred | undefined;

  /** `onDurable` is told of each batch, in order, before its rows' promises resolve. If it throws, that is a failure too. */
  constructor(store: EntryStore, onDurable: (rows: readonly Row[]) => void) {
    this.#store = store;
    this.#onDurable = onDurable;
  }

  /**
   * Resolves when the row is durable. Throws LedgerError at once, taking nothing: `queue-full` or `store-failed`.
   * Rejects with `store-failed` when the store does.
   */
  add(row: Row): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#queue.length >= QUEUE_ROWS_MAX)
      throw new LedgerError("queue-full", "too many entries wait for the disk");
    const added = new Promise<void>((durable, failed) => this.#queue.push({ row, durable, failed }));
    this.#running ??= this.#run();
    return added;
  }

  /** Resolves when `add` would take a row again. */
  room(): Promise<void> {
    if (this.#queue.length < QUEUE_ROWS_MAX) return Promise.resolve();
    this.#room ??= defer();
    return this.#room.promise;
  }

  /** Resolves when all that was added is durable, or has failed. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((nextTick) => setImmediate(nextTick)); // all that this tick appends is one batch
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const batch = this.#queue.splice(0, BATCH_ROWS_MAX);
      this.#makeRoom();
      await this.#write(batch);
    }
    this.#running = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const rows = batch.map(({ row }) => row);
    try {
      await this.#store.write(rows);
      this.#onDurable(rows);
    } catch (cause) {
      this.#fail(storeFailed(cause), batch);
      return;
    }
    for (const waiting of batch) waiting.durable();
  }

  /** Takes nothing more: what the store has is not what was acknowledged. A batch that is being written still ends. */
  fail(failure: LedgerError): void {
    if (this.#failure === undefined) this.#fail(failure, []);
  }

  #fail(failure: LedgerError, batch: readonly Waiting[]): void {
    this.#failure = failure;
    for (const waiting of [...batch, ...this.#queue]) waiting.failed(failure);
    this.#queue = [];
    this.#makeRoom();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

function storeFailed(cause: unknown): LedgerError {
  return new LedgerError("store-failed", "the ledger's store failed; nothing more is taken", { cause });
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function defer(): Deferred {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
