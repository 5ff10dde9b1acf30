import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { appendFile, open, rename, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import {
  encodeSaltedWords,
  parseSaltedWords,
  refusedWordsHash,
  SALT_BYTES,
  type RefusedWords,
} from "../../access/index.js";
import type { ControlLog } from "../log.js";
import { syncFolder } from "../sync-folder.js";

/**
 * Keeps what refused people had asked for, and the salts of its hashes: the ledger has only these. It is no evidence, and can be
 * forgotten, line by line or as a file: then nobody can tell any more what it was.
 */
export class Salts {
  readonly #path: string;
  readonly #log: ControlLog;
  /** Whoever writes waits for who did it before. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Before the first line of a run: it ends what a crash may have left of the last. */
  #lead = "\n";

  constructor(path: string, log: ControlLog) {
    [this.#path, this.#log] = [path, log];
  }

  /** The salted hash that stands for the words. That they could not be kept is logged, and does not keep the entry from being written. */
  async hide(words: RefusedWords): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    await this.#inTurn(() => this.#append(`${encodeSaltedWords(salt, words)}\n`));
    return refusedWordsHash(salt, words);
  }

  /** The words behind hashes, of those that are still known. Rejects with the disk's error. */
  async find(hashes: ReadonlySet<string>): Promise<ReadonlyMap<string, RefusedWords>> {
    await this.#turn;
    const found = new Map<string, RefusedWords>();
    for await (const line of this.#lines()) {
      const known = parseSaltedWords(line);
      if (known !== undefined && hashes.has(known.hash)) found.set(known.hash, known.words);
    }
    return found;
  }

  /** Forgets the words behind a hash; durable when it resolves. Rejects with the disk's error, and nothing is forgotten then. */
  forget(hash: string): Promise<void> {
    return this.#inTurn(async () => {
      const path = `${this.#path}.new`;
      const file = await open(path, "w", 0o600);
      try {
        for await (const line of this.#lines()) {
          const known = parseSaltedWords(line);
          if (known !== undefined && known.hash !== hash) await file.write(`${line}\n`);
        }
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path, this.#path);
      await syncFolder(dirname(this.#path));
    });
  }

  async #append(line: string): Promise<void> {
    try {
      await appendFile(this.#path, this.#lead + line, { mode: 0o600 });
      this.#lead = "";
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      this.#log.error({ path: this.#path, code }, "what a refused person asked for is not kept");
    }
  }

  async *#lines(): AsyncGenerator<string, void> {
    const handle = await openExisting(this.#path);
    if (handle === undefined) return;
    const input = createReadStream("", { fd: handle });
    try {
      for await (const line of createInterface({ input })) yield line;
    } finally {
      input.destroy();
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
