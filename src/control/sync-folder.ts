import { open } from "node:fs/promises";

/** Makes what a folder names durable: files that were made in it, moved to it or removed. Rejects with the disk's error. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
