import { randomBytes } from "node:crypto";
import { open, rename, stat, unlink } from "node:fs/promises";

const CHUNK_BYTES = 2 ** 20;

/**
 * A file that takes up room, to be given up when there is no other left. It is written with random bytes, so that no file
 * system stores it as a hole or squeezes it.
 */
export class Ballast {
  readonly path: string;
  #bytes = 0;

  private constructor(path: string, bytes: number) {
    this.path = path;
    this.#bytes = bytes;
  }

  /** One that is there from before, as far as it goes. */
  static async find(path: string): Promise<Ballast> {
    const found = await stat(path).catch(() => undefined);
    return new Ballast(path, found?.isFile() === true ? found.size : 0);
  }

  /** Bytes that it takes up. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes it, where its folder is there. Rejects with what the file system says; then there is none. */
  async make(bytes: number): Promise<void> {
    await this.release();
    const part = `${this.path}.part`;
    try {
      await unlink(part).catch(ifMissing);
      const file = await open(part, "wx", 0o600); // never through a link that somebody has put there
      try {
        for (let at = 0; at < bytes; at += CHUNK_BYTES)
          await file.write(randomBytes(Math.min(CHUNK_BYTES, bytes - at)));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part, this.path);
    } catch (error) {
      await unlink(part).catch(() => undefined);
      throw error;
    }
    this.#bytes = bytes;
  }

  /** Gives it up; nothing to be done where there is none. */
  async release(): Promise<void> {
    await unlink(this.path).catch(ifMissing);
    this.#bytes = 0;
  }
}

function ifMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
