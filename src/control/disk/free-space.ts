import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** How much room a file system has. */
export interface Space {
  /** Tells file systems apart. */
  readonly device: string;
  /** For whoever is not root. */
  readonly freeBytes: number;
  /** 0 where the file system does not say. */
  readonly totalBytes: number;
}

/** Says how much room there is at a path; tests have their own. */
export interface FreeSpace {
  /** Of the file system that `path` is on, or would be. Rejects when that cannot be told. */
  measure(path: string): Promise<Space>;
}

/** statfs(2). */
export const systemFreeSpace: FreeSpace = {
  async measure(path) {
    const folder = await nearestFolder(path);
    const [{ dev }, { bavail, blocks, bsize }] = await Promise.all([stat(folder), statfs(folder)]);
    return { device: String(dev), freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

/** A folder that is made with the first session is measured where it will be. */
async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch((error: unknown) => {
      if (isMissing(error) && folder !== dirname(folder)) return undefined;
      throw error;
    });
    if (found !== undefined) return folder;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
