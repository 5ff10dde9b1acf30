import { constants, writeSync } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/** The little that the writer asks of a file; a test puts a faulty one in its place. */
export interface RecordingFile {
  /** write(2): hands bytes to the operating system and returns how many it took. */
  write(bytes: Buffer, offset: number, length: number): number;
  /** fdatasync(2), away from the main thread. */
  syncData(): Promise<void>;
  /** fsync(2), away from the main thread. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the file, which must not exist, for appending by its owner alone, with the directories above it, and
 * makes their entries durable. @throws the system's error
 */
export async function createRecordingFile(path: string): Promise<RecordingFile> {
  const directory = dirname(path);
  const firstCreated = await mkdir(directory, { recursive: true, mode: 0o700 });
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    await syncEntries(directory, firstCreated);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return new OpenedFile(handle);
}

/** fsync of every directory that got a new entry: the file's own, and those above directories that were made. */
async function syncEntries(directory: string, firstCreated: string | undefined): Promise<void> {
  const topmost = firstCreated === undefined ? directory : dirname(firstCreated);
  for (let at = directory; ; at = dirname(at)) {
    const handle = await open(at, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (at === topmost || at === dirname(at)) return;
  }
}

class OpenedFile implements RecordingFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  write(bytes: Buffer, offset: number, length: number): number {
    return writeSync(this.#handle.fd, bytes, offset, length);
  }

  syncData(): Promise<void> {
    return this.#handle.datasync();
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
