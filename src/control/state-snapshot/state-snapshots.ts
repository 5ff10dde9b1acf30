import { realDisk, type Disk, type Ledger, type Signer } from "../../ledger/index.js";
import type { DerivedState } from "../derived-state.js";
import type { ControlLog } from "../log.js";
import { ownCodeDigest } from "./code-digest.js";
import { readSnapshot, type SnapshotVerdict } from "./read-snapshot.js";
import { writeSnapshot, type SnapshotPlace } from "./write-snapshot.js";

export interface SnapshotOptions {
  readonly path: string;
  readonly log: ControlLog;
  readonly disk?: Disk;
  readonly times?: SnapshotTimes;
}

/** After how many entries since the last snapshot there is another, whichever is more. */
export interface SnapshotTimes {
  /** Some two or three seconds of reading them again. */
  readonly everyEntries: number;
  /** This part of the state's members: so writing it all costs no more than a little for each entry. */
  readonly everyPart: number;
  /** When control stops, or has just read so many: a moment's work is not worth a file. */
  readonly worthEntries: number;
  /** What a stop waits for it at most. */
  readonly stopMs: number;
}

export const snapshotTimes: SnapshotTimes = {
  everyEntries: 100_000,
  everyPart: 0.5,
  worthEntries: 5000,
  stopMs: 2000,
};

/** Of the ledger, what a snapshot rests on. */
export type SnapshotLedger = Pick<Ledger<unknown>, "checkpoint" | "tiles" | "publish">;

/**
 * The snapshot of the state, out of which a start need not fold all entries. It is a working copy: without it, or when it cannot be
 * written, everything is as with it but slower. One is written at a time, and none on a disk that is full.
 */
export class StateSnapshots {
  readonly #place: SnapshotPlace;
  readonly #log: ControlLog;
  readonly #times: SnapshotTimes;
  #source: { readonly derived: DerivedState; readonly ledger: SnapshotLedger } | undefined;
  /** Entries and members of the one that was written or used last. */
  #last = { size: 0, items: 0 };
  #tried = 0;
  #writing: Promise<void> | undefined;
  readonly #over = new AbortController();

  constructor({ path, log, disk = realDisk, times = snapshotTimes }: SnapshotOptions, signer: Signer) {
    this.#place = { path, disk, signer, code: digestOr(log) };
    this.#log = log;
    this.#times = times;
  }

  /** The state to begin with, if there is one; removes what a crash left unfinished. */
  async read(ledger: SnapshotLedger): Promise<SnapshotVerdict> {
    const { disk, path } = this.#place;
    await disk.remove(`${path}.new`).catch(() => undefined); // the next one is written over it
    const verdict = await readSnapshot(this.#place, ledger);
    if (verdict.ok) this.#last = { size: verdict.tree.size, items: 0 };
    return verdict;
  }

  /** From here on `added` says when there are more entries. What was just replayed may be worth a snapshot by itself. */
  begin(derived: DerivedState, ledger: SnapshotLedger): void {
    this.#source = { derived, ledger };
    this.#tried = this.#last.size;
    if (this.#since >= this.#times.worthEntries) this.#write(true);
  }

  /** There is one more entry. */
  added(): void {
    const { everyEntries, everyPart } = this.#times;
    const size = this.#source?.derived.size ?? 0;
    if (size - this.#tried >= Math.max(everyEntries, this.#last.items * everyPart)) this.#write(true);
  }

  /** Writes one now, if it is worth it, for a stop that is in order. Resolves when that is done, has failed, or has taken too long. */
  async stop(): Promise<void> {
    this.#over.abort();
    await this.#writing;
    if (this.#since >= this.#times.worthEntries) this.#write(false, AbortSignal.timeout(this.#times.stopMs));
    await this.#writing;
  }

  /** Lets go of what is being written. Resolves when nothing is any more. */
  async close(): Promise<void> {
    this.#over.abort();
    this.#source = undefined;
    await this.#writing;
  }

  get #since(): number {
    return (this.#source?.derived.size ?? 0) - this.#last.size;
  }

  #write(isUnhurried: boolean, signal = this.#over.signal): void {
    if (this.#source === undefined || this.#writing !== undefined || signal.aborted) return;
    const { derived, ledger } = this.#source;
    const { size, state } = derived;
    if (size === undefined || this.#place.code === "") return;
    this.#tried = size;
    if (state.disk?.state === "full" || state.disk?.state === "critical") return;
    const begunMs = performance.now();
    this.#writing = writeSnapshot(this.#place, { state, size }, ledger, { signal, isUnhurried })
      .then(
        (items) => {
          this.#last = { size, items };
          const ms = Math.round(performance.now() - begunMs);
          this.#log.info({ entries: size, members: items, ms }, "state snapshot written");
        },
        (error: unknown) => this.#failed(size, error, signal),
      )
      .finally(() => (this.#writing = undefined));
  }

  async #failed(size: number, error: unknown, signal: AbortSignal): Promise<void> {
    const { disk, path } = this.#place;
    await disk.remove(`${path}.new`).catch(() => undefined); // or at the next start
    if (signal.aborted) return;
    this.#log.warn(
      { entries: size, error: String(error) },
      "state snapshot not written; a start takes longer",
    );
  }
}

/** Empty, which no snapshot says, when the program's own files cannot be read: then none is used, and none written. */
function digestOr(log: ControlLog): string {
  try {
    return ownCodeDigest();
  } catch (error) {
    log.warn({ error: String(error) }, "no snapshots of the state: the program's files cannot be read");
    return "";
  }
}
