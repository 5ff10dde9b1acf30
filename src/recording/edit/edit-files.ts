import { constants } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";

/** The little that changing a recording asks of the file system; a test puts a faulty one in its place. */
export interface EditFiles {
  /** A new file for its owner alone, which must not exist. */
  create(path: string): Promise<EditFile>;
  /** rename(2): the new file takes the old one's name, or nothing happens. */
  rename(from: string, to: string): Promise<void>;
  /** No error when it is not there. */
  remove(path: string): Promise<void>;
  /** fsync(2) of a folder: what was created, renamed or removed in it stays so. */
  syncFolder(path: string): Promise<void>;
  /** A file that is there, to be written over, wherever its name goes. */
  openOld(path: string): Promise<OldFile>;
}

export interface EditFile {
  /** All of it. */
  write(bytes: Buffer): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OldFile {
  /** How many names it has; a backup may be made of hard links. */
  names(): Promise<number>;
  overwrite(bytes: Buffer, offset: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The system's own. */
export const systemFiles: EditFiles = {
  async create(path) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    return new Created(await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async openOld(path) {
    return new Old(await open(path, constants.O_WRONLY | constants.O_NOFOLLOW));
  },
};

class Created implements EditFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

class Old implements OldFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async names(): Promise<number> {
    return (await this.#handle.stat()).nlink;
  }

  async overwrite(bytes: Buffer, offset: number): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, offset + at);
      at += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
