import { randomBytes } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { open, rename, type FileHandle } from "node:fs/promises";
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

/** Some 300,000 refusals. Strangers cause them too, so there is an end; and `denials` reads all of it. */
const SALTS_BYTES_MAX = 64 * 1024 * 1024;

/** How the keeping is doing. `lost` are the refusals since the start whose words could not be kept. */
export interface SaltsCondition {
  readonly path: string;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly lost: number;
  /** Why the last words were not kept: `full`, or the disk's error code; undefined when they were. */
  readonly failure: string | undefined;
}

/**
 * Keeps what refused people had asked for, and the salts of its hashes: the ledger has only these. It is no evidence, and can be
 * forgotten, line by line or as a file: then nobody can tell any more what it was.
 */
export class Salts {
  readonly #path: string;
  readonly #log: ControlLog;
  /** Whoever writes waits for who did it before. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Before the first line of a run, and after a failed one: it ends what may be left of the last. */
  #lead = "\n";
  readonly #bytesMax: number;
  /** Lines that the next write takes. */
  #waiting: string[] = [];
  #flushing: Promise<void> | undefined;
  #lost = 0;
  #failure: string | undefined;

  constructor(path: string, log: ControlLog, bytesMax = SALTS_BYTES_MAX) {
    [this.#path, this.#log, this.#bytesMax] = [path, log, bytesMax];
  }

  get condition(): SaltsCondition {
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    return { path: this.#path, bytes, bytesMax: this.#bytesMax, lost: this.#lost, failure: this.#failure };
  }

  /**
   * The salted hash that stands for the words, which are on the disk by then. That they could not be kept, or that the file is
   * full, is logged and said by `condition`; it does not keep the entry from being written: nothing leads back from its hash.
   */
  async hide(words: RefusedWords): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    this.#waiting.push(`${encodeSaltedWords(salt, words)}\n`);
    // whoever comes while the disk is busy shares the next write and its sync, however many they are
    await (this.#flushing ??= this.#inTurn(() => this.#flush()));
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

  async #flush(): Promise<void> {
    const lines = this.#waiting;
    [this.#waiting, this.#flushing] = [[], undefined];
    try {
      const kept = await this.#append(lines);
      this.#become(kept === lines.length ? undefined : "full", lines.length - kept);
    } catch (error) {
      this.#lead = "\n";
      this.#become((error as NodeJS.ErrnoException).code ?? "failed", lines.length);
    }
  }

  /** Writes and syncs as many lines as there is room for; gives how many. */
  async #append(lines: readonly string[]): Promise<number> {
    const file = await open(this.#path, "a", 0o600);
    try {
      const { size } = await file.stat();
      const fitting = fittingIn(lines, this.#bytesMax - size - this.#lead.length);
      if (fitting.length === 0) return 0;
      await file.appendFile(this.#lead + fitting.join(""));
      await file.datasync();
      if (size === 0) await syncFolder(dirname(this.#path));
      this.#lead = "";
      return fitting.length;
    } finally {
      await file.close();
    }
  }

  /** Logged when it changes: a stranger may cause any number of them. */
  #become(failure: string | undefined, lost: number): void {
    this.#lost += lost;
    if (failure !== undefined && failure !== this.#failure)
      this.#log.error({ path: this.#path, code: failure }, "what a refused person asked for is not kept");
    this.#failure = failure;
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

/** The first lines that have room. */
function fittingIn(lines: readonly string[], bytes: number): readonly string[] {
  let left = bytes;
  const end = lines.findIndex((line) => (left -= Buffer.byteLength(line)) < 0);
  return end === -1 ? lines : lines.slice(0, end);
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
