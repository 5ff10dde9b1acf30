import { dirname, join } from "node:path";
import type { Disk } from "./disk.js";

/** A file below the root: its path with slashes, and all its bytes. */
export interface FileToWrite {
  readonly path: string;
  readonly bytes: Buffer;
}

/**
 * fsyncs at once: they hold threads of the pool that the journal's batches need as well, and whoever appends waits for
 * those. More than two were not seen to be faster.
 */
const WRITES_AT_ONCE = 2;

/**
 * The only place that makes files of a ledger, or of a witness, durable. In this order, for a group of files:
 *
 *     for each file:    open(O_CREAT|O_TRUNC) of a name in the folder of unfinished files · write · fsync · close
 *     for each folder on the way that this process has not seen to yet:    mkdir · fsync of its parent
 *     for each file:    rename to its place
 *     for each folder that got a name:    fsync
 *
 * So a name in the tree never shows a part of a file, at any crash; and when `write` has resolved, all of it is there
 * after any crash. When it rejects, each of the files may be there or not, whole, now and after a crash.
 *
 * After a failed fsync the kernel may have dropped the bytes and call them clean, so nothing is ever synced a second time:
 * a retry writes new files from the start.
 *
 * Known hole: this believes fsync. A disk that says so before it is true loses what was acknowledged.
 */
export class DurableFiles {
  readonly #root: string;
  readonly #unfinished: string;
  readonly #disk: Disk;
  /** Folders whose own names are durable by what this process did: one that a crashed one made may not be. */
  readonly #known = new Set<string>();
  #written = 0;

  /** `root` is the folder, to be made if it is not there. Unfinished files have a folder of their own, on the same file system. */
  constructor(root: string, disk: Disk, unfinished = `${root}.tmp`) {
    this.#root = root;
    this.#unfinished = unfinished;
    this.#disk = disk;
  }

  /** Removes what a crash left unfinished. */
  async prepare(): Promise<void> {
    await this.#disk.remove(this.#unfinished);
    await this.#disk.makeFolder(this.#unfinished);
  }

  /** Writes files, whole and durable, over what has their names. Rejects with the disk's error. */
  async write(files: readonly FileToWrite[]): Promise<void> {
    const moves = files.map(({ path, bytes }) => ({
      bytes,
      unfinished: join(this.#unfinished, String((this.#written += 1))),
      place: join(this.#root, path),
    }));
    await inTurns(moves, ({ unfinished, bytes }) => this.#writeUnfinished(unfinished, bytes));
    const folders = [...new Set(moves.map(({ place }) => dirname(place)))];
    for (const folder of folders) await this.#makeFolder(folder);
    for (const { unfinished, place } of moves) await this.#disk.rename(unfinished, place);
    for (const folder of folders) await this.#disk.syncFolder(folder);
  }

  /** A whole file; undefined when there is none. */
  read(path: string): Promise<Buffer | undefined> {
    return this.#disk.read(join(this.#root, path));
  }

  /** Names in a folder; none when it is not there. */
  list(path: string): Promise<readonly string[]> {
    return this.#disk.list(join(this.#root, path));
  }

  /** Removes a file or a folder, some time: it may be back after a crash. */
  async remove(path: string): Promise<void> {
    const place = join(this.#root, path);
    this.#known.delete(place);
    await this.#disk.remove(place);
  }

  async #writeUnfinished(path: string, bytes: Buffer): Promise<void> {
    const file = await this.#disk.create(path);
    try {
      await file.write(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    if (folder !== this.#root) await this.#makeFolder(dirname(folder));
    await this.#disk.makeFolder(folder);
    await this.#disk.syncFolder(dirname(folder));
    this.#known.add(folder);
  }
}

/** WRITES_AT_ONCE at a time; rejects with the first error when all that was begun has ended. */
async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const left = items.values(); // one iterator for all: each takes the next
  const worker = async (): Promise<void> => {
    for (const item of left) await run(item);
  };
  const ends = await Promise.allSettled(Array.from({ length: WRITES_AT_ONCE }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
