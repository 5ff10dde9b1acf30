import { dirname } from "node:path/posix";
import type { Disk, ReadableFile, WritableFile } from "../../../../src/ledger/index.js";

/** One call that changes something; what each of them does to what is durable is said at MemoryDisk. */
export type DiskCall = "create" | "write" | "sync" | "rename" | "makeFolder" | "syncFolder" | "remove";

/**
 * How call number `at` goes wrong: `failed` did nothing (a write wrote half, an fsync dropped what was to be made durable),
 * `persisted` did all of it; both throw.
 */
export interface DiskFault {
  readonly at: number;
  readonly how: "failed" | "persisted";
  readonly code: string;
}

interface Inode {
  seen: Buffer;
  durable: Buffer;
}

/**
 * A file system in memory that forgets at a crash whatever was not synced: the bytes of files that were not fsynced, and
 * names (made, moved, removed) in folders that were not. Afterwards everything outside of a sync is the old state, which
 * is one of the states that a real one may be in; another is that everything got there, as with `persisted`.
 */
export class MemoryDisk implements Disk {
  fault: DiskFault | undefined;
  /** Fails every call that changes something, until it is set back. */
  broken: string | undefined;
  /** From that call on, everything that changes something fails. */
  brokenFrom = Infinity;
  calls = 0;
  readonly log: string[] = [];
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #folders: Set<string>;
  #durableFolders: Set<string>;

  constructor(folders: readonly string[] = ["/"]) {
    this.#folders = new Set(folders);
    this.#durableFolders = new Set(folders);
  }

  /** The power fails. */
  crash(): void {
    this.#folders = new Set(this.#durableFolders);
    this.#names = new Map();
    for (const [path, inode] of this.#durableNames) {
      inode.seen = inode.durable;
      if (this.#folders.has(dirname(path))) this.#names.set(path, inode);
    }
    this.#durableNames = new Map(this.#names);
  }

  /** A copy that goes its own way. */
  copy(): MemoryDisk {
    const other = new MemoryDisk();
    const copies = new Map<Inode, Inode>();
    const copied = (inode: Inode): Inode => {
      const own = copies.get(inode) ?? { ...inode };
      copies.set(inode, own);
      return own;
    };
    for (const [path, inode] of this.#names) other.#names.set(path, copied(inode));
    for (const [path, inode] of this.#durableNames) other.#durableNames.set(path, copied(inode));
    other.#folders = new Set(this.#folders);
    other.#durableFolders = new Set(this.#durableFolders);
    return other;
  }

  put(path: string, bytes: Buffer): void {
    const inode = { seen: Buffer.from(bytes), durable: Buffer.from(bytes) };
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  get paths(): readonly string[] {
    return [...this.#names.keys()];
  }

  create(path: string): Promise<WritableFile> {
    return this.#call("create", path, () => {
      this.#needFolder(dirname(path));
      const inode = { seen: Buffer.alloc(0), durable: Buffer.alloc(0) };
      this.#names.set(path, inode);
      return this.#writable(path, inode);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#call("rename", to, () => {
      this.#needFolder(dirname(to));
      const inode = this.#names.get(from);
      if (inode === undefined) throw fault("ENOENT", from);
      this.#names.delete(from);
      this.#names.set(to, inode);
    });
  }

  makeFolder(path: string): Promise<void> {
    return this.#call("makeFolder", path, () => {
      this.#needFolder(dirname(path));
      this.#folders.add(path);
    });
  }

  syncFolder(path: string): Promise<void> {
    return this.#call("syncFolder", path, () => {
      this.#needFolder(path);
      for (const all of [this.#names, this.#durableNames])
        for (const name of [...all.keys()].filter((each) => dirname(each) === path)) {
          const inode = this.#names.get(name);
          if (inode === undefined) this.#durableNames.delete(name);
          else this.#durableNames.set(name, inode);
        }
      for (const folder of this.#folders) if (dirname(folder) === path) this.#durableFolders.add(folder);
    });
  }

  remove(path: string): Promise<void> {
    return this.#call("remove", path, () => {
      const isBelow = (name: string): boolean => name === path || name.startsWith(`${path}/`);
      for (const name of [...this.#names.keys()].filter(isBelow)) this.#names.delete(name);
      for (const folder of [...this.#folders].filter(isBelow)) this.#folders.delete(folder);
    });
  }

  read(path: string): Promise<Buffer | undefined> {
    const inode = this.#names.get(path);
    return Promise.resolve(inode && Buffer.from(inode.seen));
  }

  openToRead(path: string): Promise<ReadableFile | undefined> {
    const bytes = this.#names.get(path)?.seen;
    if (bytes === undefined) return Promise.resolve(undefined);
    const read = (from: number, length: number) =>
      Promise.resolve(Buffer.from(bytes.subarray(from, from + length)));
    return Promise.resolve({ size: bytes.length, read, close: () => Promise.resolve() });
  }

  list(folder: string): Promise<readonly string[]> {
    const below = [...this.#names.keys(), ...this.#folders].filter((path) => dirname(path) === folder);
    return Promise.resolve(below.map((path) => path.slice(folder.length + 1)));
  }

  #writable(path: string, inode: Inode): WritableFile {
    const write = (bytes: Buffer): void => {
      inode.seen = Buffer.concat([inode.seen, bytes]);
    };
    return {
      write: (bytes) =>
        this.#call(
          "write",
          path,
          () => write(bytes),
          () => write(bytes.subarray(0, bytes.length >> 1)),
        ),
      sync: () => this.#call("sync", path, () => (inode.durable = inode.seen)).then(() => undefined),
      close: () => Promise.resolve(),
    };
  }

  async #call<T>(name: DiskCall, path: string, run: () => T, partly?: () => void): Promise<T> {
    await Promise.resolve(); // as the real one, never at once
    const number = this.calls++;
    this.log.push(`${name} ${path}`);
    if (this.broken !== undefined) throw fault(this.broken, path);
    if (number >= this.brokenFrom) throw fault("EIO", path);
    if (this.fault?.at !== number) return run();
    if (this.fault.how === "persisted") run();
    else partly?.();
    throw fault(this.fault.code, path);
  }

  #needFolder(path: string): void {
    if (!this.#folders.has(path)) throw fault("ENOENT", path);
  }
}

function fault(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
