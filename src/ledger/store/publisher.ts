import { performance } from "node:perf_hooks";
import { bytesOf, leafOf } from "../entry-row.js";
import { LedgerError } from "../ledger-error.js";
import type { NoteSignature } from "../note/note.js";
import type { VerifierKey } from "../note/verifier-key.js";
import { encodeBundle } from "../tree/bundle.js";
import { TILE_WIDTH } from "../tree/tile.js";
import { bundlePath, tilePath } from "../tree/tile-path.js";
import type { CheckpointFiles } from "./checkpoint-file.js";
import type { DurableFiles, FileToWrite } from "./durable-files.js";
import type { Row } from "./entry-store.js";
import { PartialFiles } from "./partial-files.js";
import type { TileEdge } from "./tile-edge.js";

/** Entries of one checkpoint at most: some 6 MiB of bundles are held at a time, however much is to be caught up. */
export const STEP_ROWS = 16_384;

/**
 * How long entries may stay without a checkpoint before somebody must be told. Until there is one, who can write to this
 * disk could take them away without contradicting anything that was signed.
 */
export const UNPUBLISHED_MS_MAX = 60_000;

/** When the publisher does something, in milliseconds. */
export interface PublisherTimes {
  /** From one checkpoint to the next while entries keep coming. */
  readonly everyMs: number;
  /** From the first entry after a quiet time to its checkpoint: those that come with it are one checkpoint. */
  readonly gatherMs: number;
  /** After a failure; twice as long after each further one, up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
}

export const publisherTimes: PublisherTimes = {
  everyMs: 1000,
  gatherMs: 100,
  retryMs: 500,
  retryMsMax: 15_000,
};

/** How publishing is doing. */
export interface Publishing {
  /** Entries under the newest checkpoint. */
  readonly size: number;
  /** For how long the oldest entry without a checkpoint has been waiting for one; 0 when there is none. */
  readonly waitedMs: number;
  /** Why the last attempt failed, and how many have in a row. */
  readonly failure?: { readonly attempts: number; readonly error: unknown };
}

export interface PublisherOptions {
  readonly files: DurableFiles;
  readonly checkpoints: CheckpointFiles;
  /** Of the tree of the newest checkpoint. */
  readonly edge: TileEdge;
  /** Number of durable entries. */
  readonly durable: () => number;
  /** Durable rows, checked. */
  readonly rows: (from: number, to: number) => AsyncIterable<Row>;
  /** A new checkpoint, as a signed note. */
  readonly onPublished: (note: string) => void;
  /** An attempt failed; there will be another. */
  readonly onFailure: (standing: Publishing) => void;
  /** The journal is not what was acknowledged: nothing more may be taken. */
  readonly onFatal: (error: LedgerError) => void;
  readonly times: PublisherTimes;
}

/**
 * Makes tiles, entry bundles and signed checkpoints of what the journal has. Nobody waits for it: an entry is kept once the
 * journal has it. It reads the journal, not a queue, so that it needs the same memory whether it is a second behind or a
 * day, and so that a failed attempt is simply made again, from the last checkpoint.
 *
 * Each step: bundles and tiles durable, then the checkpoint is signed, then it is durable. A crash in between leaves files
 * that no checkpoint speaks of; they are written again, with the same bytes, since entries never change.
 *
 * Going on to take entries while this fails is safe: they are durable, they get their checkpoint when the disk has mended,
 * and nothing signed says anything else meanwhile. What is missing is only the proof, hence UNPUBLISHED_MS_MAX.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #partials: PartialFiles;
  #edge: TileEdge;
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #startedAt = -Infinity;
  #waitingSince: number | undefined;
  #failure: { readonly attempts: number; readonly error: unknown } | undefined;
  #isOver = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#edge = options.edge;
    this.#partials = new PartialFiles(options.files, options.edge.size);
    this.wake();
  }

  /** The edge of the tree of the newest checkpoint; not to be changed. */
  get edge(): TileEdge {
    return this.#edge;
  }

  get standing(): Publishing {
    const waitedMs = this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince;
    return { size: this.#edge.size, waitedMs, ...(this.#failure && { failure: this.#failure }) };
  }

  /** There are more durable entries. */
  wake(): void {
    if (this.#isOver || !this.#isBehind) return;
    this.#waitingSince ??= performance.now();
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#attempt(), this.#delayMs());
  }

  /** Publishes what is durable now. Rejects with what kept it from that. */
  publish(): Promise<void> {
    return this.#inTurn(() => this.#publish());
  }

  /** As CheckpointFiles' `cosign`. */
  cosign(text: string, signatures: readonly NoteSignature[]): Promise<boolean> {
    return this.#inTurn(() => this.#options.checkpoints.cosign(text, signatures));
  }

  /** As CheckpointFiles' `addVerifier`. */
  addVerifier(key: VerifierKey): Promise<void> {
    return this.#inTurn(() => this.#options.checkpoints.addVerifier(key));
  }

  /** Publishes what there is, once: what cannot be now will be when the ledger is opened again. */
  async close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.publish().catch(() => undefined); // told to onFailure
  }

  get #isBehind(): boolean {
    return this.#options.durable() > this.#edge.size;
  }

  #delayMs(): number {
    const { everyMs, gatherMs, retryMs, retryMsMax } = this.#options.times;
    if (this.#failure !== undefined) return Math.min(retryMsMax, retryMs * 2 ** (this.#failure.attempts - 1));
    return Math.max(gatherMs, this.#startedAt + everyMs - performance.now());
  }

  async #attempt(): Promise<void> {
    await this.publish().catch(() => undefined); // told to onFailure
    this.#timer = undefined;
    this.wake();
  }

  async #publish(): Promise<void> {
    this.#startedAt = performance.now();
    try {
      const target = this.#options.durable();
      while (this.#edge.size < target) await this.#step(Math.min(target, this.#edge.size + STEP_ROWS));
      this.#failure = undefined;
      this.#waitingSince = this.#isBehind ? this.#startedAt : undefined;
    } catch (error) {
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    this.#failure = { attempts: (this.#failure?.attempts ?? 0) + 1, error };
    if (error instanceof LedgerError && error.code !== "store-failed") {
      this.#isOver = true;
      this.#options.onFatal(error);
    } else this.#options.onFailure(this.standing);
  }

  /** One checkpoint further. */
  async #step(target: number): Promise<void> {
    const { files, checkpoints, onPublished } = this.#options;
    const { edge, written } = await this.#filesUpTo(target);
    await files.write(written);
    await checkpoints.publish(edge.size, edge.root());
    this.#edge = edge;
    onPublished(checkpoints.current.note);
    await this.#partials.advance(edge.size);
  }

  async #filesUpTo(target: number): Promise<{ edge: TileEdge; written: FileToWrite[] }> {
    const before = this.#edge;
    const edge = before.clone();
    const written: FileToWrite[] = [];
    const first = Math.floor(before.size / TILE_WIDTH); // its bundle is written again, with more in it
    let bundle: Buffer[] = [];
    let index = first;
    for await (const row of this.#options.rows(first * TILE_WIDTH, target)) {
      bundle.push(bytesOf(row.value));
      if (row.index < before.size) this.#checkSigned(row);
      else written.push(...edge.append(leafOf(row.value)).map(tileFile));
      if (bundle.length < TILE_WIDTH) continue;
      written.push(bundleFile(index, bundle));
      bundle = [];
      index += 1;
    }
    if (bundle.length > 0) written.push(bundleFile(index, bundle));
    written.push(...edge.partials(before.size).map(tileFile));
    return { edge, written };
  }

  /** What goes into a bundle once more is what was signed for. */
  #checkSigned({ index, value }: Row): void {
    if (this.#edge.hashesOf(0)[index % TILE_WIDTH]?.equals(leafOf(value)) === true) return;
    throw new LedgerError("root-mismatch", `entry ${index} is not the one that was signed for`, { index });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function tileFile({ tile, bytes }: { tile: Parameters<typeof tilePath>[0]; bytes: Buffer }): FileToWrite {
  return { path: tilePath(tile), bytes };
}

function bundleFile(index: number, entries: readonly Buffer[]): FileToWrite {
  return { path: bundlePath({ index, width: entries.length }), bytes: encodeBundle(entries) };
}
