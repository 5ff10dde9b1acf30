import { decodeRow, encodeRow, type EntryCodec, type LedgerRecord } from "../entry-row.js";
import { LedgerError } from "../ledger-error.js";
import type { NoteSignature } from "../note/note.js";
import type { Signer } from "../note/signer.js";
import type { VerifierKey } from "../note/verifier-key.js";
import type { Frontier } from "../tree/frontier.js";
import type { ReadTile } from "../tree/tile.js";
import { realDisk, type Disk } from "./disk.js";
import { DurableFiles } from "./durable-files.js";
import type { EntryStore, Row } from "./entry-store.js";
import { GroupCommit } from "./group-commit.js";
import type { HealedRange } from "./journal-check.js";
import { JournalReader } from "./journal-reader.js";
import { openStore } from "./level-store.js";
import { Publisher, publisherTimes, type Publishing, type PublisherTimes } from "./publisher.js";
import { recover, type Recovered } from "./recover.js";
import { tileReader } from "./tile-files.js";

export interface LedgerOptions<E> {
  readonly codec: EntryCodec<E>;
  /** The wall clock. */
  readonly nowMs: () => number;
  /**
   * Told of every entry appended here, in order, after it is durable and before its `append` resolves: the place to
   * fold it into state. It gets what a later reader would. If it throws, the ledger takes nothing more.
   */
  readonly onAppended?: (record: LedgerRecord<E>) => void;
  /** Told of each new checkpoint, a signed note, when it is durable. */
  readonly onPublished?: (note: string) => void;
  /** Told of entries that the journal had lost and that were put back, the first of them before the ledger is open. */
  readonly onHealed?: (range: HealedRange) => void;
  /** Told each time that tiles or a checkpoint could not be written; it is tried again, and entries are still taken. */
  readonly onPublishFailed?: (standing: Publishing) => void;
}

/** Where a ledger is, and the key that signs its checkpoints. */
export interface LedgerPlace {
  /** Folder of the database: the working copy. */
  readonly journal: string;
  /** Folder of what proves it: tiles, bundles, checkpoints. Beside it, on the same file system, `<files>.tmp` is used. */
  readonly files: string;
  readonly signer: Signer;
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
   * Those behind a tree that the caller has proven to be the one that the newest checkpoint's began as. As with all entries,
   * they and the tree must make the checkpoint's root; else it ends with `root-mismatch`.
   */
  readBehind(tree: Frontier): AsyncIterable<LedgerRecord<E>>;

  /** Number of durable entries. */
  readonly size: number;

  /** The newest checkpoint: a signed note, with the cosignatures that came for it. */
  readonly checkpoint: string;

  /** How the making of checkpoints is doing. */
  readonly publishing: Publishing;

  /** Makes a checkpoint of all that is durable at this call, now. Rejects with what kept it from that; it is tried again. */
  publish(): Promise<void>;

  /**
   * Adds cosignatures, which the caller has verified, to the checkpoint with this note text. False when it is too old, or
   * older than one that is witnessed already. Rejects with LedgerError `note-invalid` for too many, or the disk's error.
   */
  addCosignatures(text: string, signatures: readonly NoteSignature[]): Promise<boolean>;

  /** Notes the key of a witness beside the ledger's own, for those who verify. Rejects with the disk's error. */
  addVerifier(key: VerifierKey): Promise<void>;

  /** Reads tiles of the newest checkpoint's tree; LedgerError `tile-invalid`. */
  readonly tiles: ReadTile;

  /** Lets what was appended become durable, makes its checkpoint if that can be, and closes the store. May be called again. */
  close(): Promise<void>;
}

/**
 * Opens a ledger, or makes one. The lock is exclusive. On opening, the journal is held against the newest checkpoint, and
 * what it lost is put back where that can be proven (`recover`). Throws LedgerError `in-use`, `checkpoint-missing`,
 * `root-mismatch`, `journal-behind`, `missing-entry`, `damaged-entry`, `tile-invalid`, `store-failed`.
 */
export async function openLedger<E>({
  journal,
  files,
  signer,
  ...options
}: LedgerPlace & LedgerOptions<E>): Promise<Ledger<E>> {
  const store = await openStore(journal, { create: true });
  return await openLedgerOn({ store, disk: realDisk, files, signer }, options);
}

/** What a ledger stands on. */
export interface LedgerGround extends Omit<LedgerPlace, "journal"> {
  readonly store: EntryStore;
  readonly disk: Disk;
  readonly times?: PublisherTimes;
}

/** The same on any store and disk; the store is the ledger's from here on, and closed with it or when it cannot be opened. */
export async function openLedgerOn<E>(ground: LedgerGround, options: LedgerOptions<E>): Promise<Ledger<E>> {
  const { store, disk, signer } = ground;
  const files = new DurableFiles(ground.files, disk);
  try {
    const found = await recover(store, files, signer);
    for (const range of found.healed) options.onHealed?.(range);
    return new StoredLedger(ground, files, found, options);
  } catch (cause) {
    await store.close();
    if (cause instanceof LedgerError) throw cause;
    throw new LedgerError("store-failed", `the ledger in ${ground.files} cannot be opened`, { cause });
  }
}

class StoredLedger<E> implements Ledger<E> {
  readonly #store: EntryStore;
  readonly #options: LedgerOptions<E>;
  readonly #commit: GroupCommit;
  readonly #publisher: Publisher;
  readonly #reader: JournalReader;
  readonly #checkpoints: Recovered["checkpoints"];
  readonly tiles: ReadTile;
  /** Number of the next entry; ahead of `#size` by what waits for the disk. */
  #next: number;
  #size: number;
  #closing: Promise<void> | undefined;

  constructor(
    { store, times = publisherTimes }: LedgerGround,
    files: DurableFiles,
    { size, edge, checkpoints }: Recovered,
    options: LedgerOptions<E>,
  ) {
    const { onPublished = () => undefined, onPublishFailed = () => undefined } = options;
    this.#store = store;
    this.#options = options;
    this.#next = size;
    this.#size = size;
    this.#checkpoints = checkpoints;
    this.tiles = tileReader(files);
    this.#commit = new GroupCommit(store, (rows) => this.#onDurable(rows));
    this.#reader = new JournalReader(store, files, {
      edge: () => this.#publisher.edge,
      onHealed: (range) => options.onHealed?.(range),
    });
    this.#publisher = new Publisher({
      ...{ files, checkpoints, edge, times, onPublished, onFailure: onPublishFailed },
      durable: () => this.#size,
      rows: (from, to) => this.#reader.rows(from, to),
      onFatal: (error) => this.#commit.fail(error),
    });
  }

  get checkpoint(): string {
    return this.#checkpoints.current.note;
  }

  get publishing(): Publishing {
    return this.#publisher.standing;
  }

  publish(): Promise<void> {
    return this.#publisher.publish();
  }

  addCosignatures(text: string, signatures: readonly NoteSignature[]): Promise<boolean> {
    return this.#publisher.cosign(text, signatures);
  }

  addVerifier(key: VerifierKey): Promise<void> {
    return this.#publisher.addVerifier(key);
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

  async *readBehind(tree: Frontier): AsyncGenerator<LedgerRecord<E>, void, undefined> {
    this.#checkOpen();
    for await (const row of this.#rows(tree.size, this.#size, tree)) yield this.#decode(row);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commit.drain();
    await this.#publisher.close();
    await this.#store.close();
  }

  #onDurable(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#size = row.index + 1;
      this.#options.onAppended?.(this.#decode(row));
    }
    this.#publisher.wake();
  }

  #decode(row: Row): LedgerRecord<E> {
    return decodeRow(row.index, row.value, this.#options.codec);
  }

  /** Store errors after `close` mean only that. */
  async *#rows(from: number, to: number, before?: Frontier): AsyncGenerator<Row, void, undefined> {
    try {
      yield* this.#reader.rows(from, to, before);
    } catch (error) {
      this.#checkOpen();
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new LedgerError("closed", "the ledger is closed");
  }
}
