import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import type { EntryStore, Row } from "./entry-store.js";
import { LedgerError } from "../ledger-error.js";

/** LevelDB's default, said aloud because TAIL_BYTES of the open check rests on it: how much one of its logs can hold. */
export const WRITE_BUFFER_BYTES = 4 * 1024 * 1024;

const KEY_BYTES = 8;

/**
 * Opens the LevelDB in `dir`, and makes it (0700) unless `create` is false. Keys are big-endian uint64, so they only
 * grow. Throws LedgerError `in-use`, `not-found` or `store-failed`.
 */
export async function openStore(dir: string, { create }: { readonly create: boolean }): Promise<EntryStore> {
  await prepareFolder(dir, create);
  const level = new Level<Buffer, Buffer>(dir, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
    writeBufferSize: WRITE_BUFFER_BYTES,
    createIfMissing: create,
  });
  try {
    await level.open();
  } catch (cause) {
    throw isLocked(cause) ? inUse(dir, cause) : unopened(dir, cause);
  }
  return new LevelStore(level);
}

async function prepareFolder(dir: string, create: boolean): Promise<void> {
  try {
    if (create) await mkdir(dir, { recursive: true, mode: 0o700 });
    else await stat(join(dir, "CURRENT")); // the file that every LevelDB has
  } catch (cause) {
    throw create ? unopened(dir, cause) : notFound(dir, cause);
  }
}

class LevelStore implements EntryStore {
  readonly #level: Level<Buffer, Buffer>;

  constructor(level: Level<Buffer, Buffer>) {
    this.#level = level;
  }

  async write(rows: readonly Row[]): Promise<void> {
    const puts = rows.map(({ index, value }) => ({ type: "put" as const, key: encodeKey(index), value }));
    await this.#level.batch(puts, { sync: true }); // the default is not to sync
  }

  async read(from: number, countMax: number): Promise<readonly Row[]> {
    const iterator = this.#level.iterator({ gte: encodeKey(from), limit: countMax });
    const entries = await iterator.all();
    return entries.map(([key, value]) => ({ index: decodeKey(key), value }));
  }

  async last(): Promise<number> {
    const [key] = await this.#level.keys({ reverse: true, limit: 1 }).all();
    return key === undefined ? -1 : decodeKey(key);
  }

  close(): Promise<void> {
    return this.#level.close();
  }
}

function encodeKey(index: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  key.writeBigUInt64BE(BigInt(index));
  return key;
}

function decodeKey(key: Buffer): number {
  const index = key.length === KEY_BYTES ? key.readBigUInt64BE() : -1n;
  if (index < 0n || index > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new LedgerError("damaged-entry", `a key that is no entry number: ${key.toString("hex")}`);
  }
  return Number(index);
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "LEVEL_LOCKED";
}

function inUse(dir: string, cause: unknown): LedgerError {
  return new LedgerError("in-use", `another bascule is using ${dir}`, { cause });
}

function notFound(dir: string, cause: unknown): LedgerError {
  return new LedgerError("not-found", `there is no ledger in ${dir}`, { cause });
}

function unopened(dir: string, cause: unknown): LedgerError {
  return new LedgerError("store-failed", `the ledger in ${dir} cannot be opened`, { cause });
}
