import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";

/**
 * The calls of a file system that the ledger's files rest on, one by one, so that a test can make each of them fail. What
 * they must be called in which order for is DurableFiles' to know.
 */
export interface Disk {
  /** A new empty file for its owner only, or one emptied. */
  create(path: string): Promise<WritableFile>;
  rename(from: string, to: string): Promise<void>;
  /** One folder for its owner only; one that is there is fine. */
  makeFolder(path: string): Promise<void>;
  /** Makes durable which names a folder has. */
  syncFolder(path: string): Promise<void>;
  /** A file, or a folder with all in it; none is fine. */
  remove(path: string): Promise<void>;
  /** A whole file; undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** A file that is too large to be read whole; undefined when there is none. */
  openToRead(path: string): Promise<ReadableFile | undefined>;
  /** Names in a folder, in no order; none when it is not there. */
  list(folder: string): Promise<readonly string[]>;
}

export interface WritableFile {
  write(bytes: Buffer): Promise<void>;
  /** Makes durable what was written. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadableFile {
  /** Bytes, when it was opened. */
  readonly size: number;
  /** The bytes from `position` on: `length` of them, fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** The file system itself. */
export const realDisk: Disk = {
  async create(path) {
    return writable(await open(path, "w", FILE_MODE));
  },
  rename: (from, to) => rename(from, to),
  async makeFolder(path) {
    await mkdir(path, { mode: FOLDER_MODE }).catch(unless("EEXIST"));
  },
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  read: (path) => readFile(path).catch(unless("ENOENT")),
  async openToRead(path) {
    const file = await open(path, "r").catch(unless("ENOENT"));
    return file && (await readable(file));
  },
  async list(folder) {
    return (await readdir(folder).catch(unless("ENOENT"))) ?? [];
  },
};

function writable(file: FileHandle): WritableFile {
  return {
    write: (bytes) => file.writeFile(bytes), // goes on after a short write
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

async function readable(file: FileHandle): Promise<ReadableFile> {
  try {
    const { size } = await file.stat();
    return { size, read: (position, length) => readFully(file, position, length), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** For `catch`: a fault with that code is none. */
function unless(code: string): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === code) return undefined;
    throw error;
  };
}
