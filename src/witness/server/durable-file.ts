import { link, open, readdir, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Replaces a file so that, whenever the machine dies, either the old or the new content is there, whole: written beside it
 * (0600), fsynced, renamed over it, and the folder fsynced. Durable when it resolves. When it rejects, either may be there.
 */
export async function replaceDurably(path: string, content: string): Promise<void> {
  await writeBeside(path, content);
  await rename(besideOf(path), path);
  await syncFolder(dirname(path));
}

/** The same for a file that is not there yet; one that is stays as it is. */
export async function createDurably(path: string, content: string): Promise<void> {
  await writeBeside(path, content);
  await link(besideOf(path), path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  });
  await unlink(besideOf(path));
  await syncFolder(dirname(path));
}

/** Whether a name in `path`'s folder is what a write of it leaves when it is broken off. */
export function isBesideOf(path: string, name: string): boolean {
  return name.startsWith(`${basename(path)}.tmp`);
}

/** Removes what broken-off writes left beside a file. */
export async function removeBroken(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) if (isBesideOf(path, name)) await unlink(join(folder, name));
}

async function writeBeside(path: string, content: string): Promise<void> {
  const file = await open(besideOf(path), "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what happened to names in a folder durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Of this process' own: another one that is just being refused the folder must not write into it. */
function besideOf(path: string): string {
  return `${path}.tmp${process.pid}`;
}
