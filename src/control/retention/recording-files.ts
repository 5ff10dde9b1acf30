import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { syncFolder } from "../sync-folder.js";

/** What moving and deleting recordings does to files, each step on the disk when it resolves; tests make them fail. */
export interface RecordingFiles {
  exists(path: string): Promise<boolean>;
  /** Whether what lies there is a symbolic link. */
  isLink(path: string): Promise<boolean>;
  /** Whether two folders are one, by a link or a mount; a folder that is not there is none. */
  isOneFolder(one: string, other: string): Promise<boolean>;
  /** Makes a copy and its folders; gives the SHA-256 of what was read. What lay at `to` is removed first, not written through. */
  copy(from: string, to: string): Promise<string>;
  /** SHA-256 of a file, in hexadecimal. */
  hash(path: string): Promise<string>;
  /** Puts a whole file under its name. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(path: string): Promise<void>;
}

export const systemFiles: RecordingFiles = {
  exists: async (path) => (await stat(path).catch(ifMissing)) !== undefined,

  isLink: async (path) => (await lstat(path).catch(ifMissing))?.isSymbolicLink() === true,

  async isOneFolder(one, other) {
    const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(ifMissing)));
    return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
  },

  async copy(from, to) {
    await makeFolder(dirname(to));
    await unlink(to).catch(ifMissing);
    const file = await open(to, "wx", 0o600); // never through a link that somebody has put there
    try {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(from)) {
        hash.update(chunk as Buffer);
        await writeAll(file, chunk as Buffer);
      }
      await file.sync();
      return hash.digest("hex");
    } finally {
      await file.close();
    }
  },

  async hash(path) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return hash.digest("hex");
  },

  async rename(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },

  async remove(path) {
    if ((await unlink(path).catch(ifMissing)) === undefined) await syncFolder(dirname(path)).catch(ifMissing);
  },
};

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

/** A folder is on the disk when the one that names it was synced; whether that failed the last time is not known. */
async function makeFolder(path: string): Promise<void> {
  const first = (await mkdir(path, { recursive: true, mode: 0o700 })) ?? path;
  for (let folder = path; ; folder = dirname(folder)) {
    await syncFolder(dirname(folder));
    if (folder === first || folder === dirname(folder)) return;
  }
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
