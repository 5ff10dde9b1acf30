import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LedgerError, openStore, type EntryStore, type VerifierKey } from "../../ledger/index.js";
import { WitnessError } from "../witness-error.js";
import {
  decodeState,
  encodeState,
  STATE_BYTES_MAX,
  type Cosigned,
  type CosignedByOrigin,
} from "./cosigned.js";
import { createDurably, isBesideOf, removeBroken, replaceDurably } from "./durable-file.js";

const STATE_NAME = "state";
const LOCK_NAME = "lock";

/** Replaces the state's file; durable when it resolves. */
export type WriteState = (path: string, text: string) => Promise<void>;

/**
 * What a witness cosigned last, for each log, in a folder that is this process' alone: `state`, and `lock`, an empty
 * database whose lock the system lets go with the process.
 */
export class WitnessState {
  readonly #path: string;
  readonly #witness: VerifierKey;
  readonly #lock: EntryStore;
  readonly #write: WriteState;
  #cosigned: CosignedByOrigin;
  #failure: WitnessError | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    path: string,
    witness: VerifierKey,
    lock: EntryStore,
    write: WriteState,
    cosigned: CosignedByOrigin,
  ) {
    this.#path = path;
    this.#witness = witness;
    this.#lock = lock;
    this.#write = write;
    this.#cosigned = cosigned;
  }

  /**
   * Takes the folder and reads the state; makes both where there is nothing yet. Throws WitnessError `state-in-use`,
   * `state-missing`, `state-invalid`, `state-foreign`, `state-failed`.
   */
  static async open(
    folder: string,
    witness: VerifierKey,
    write: WriteState = replaceDurably,
  ): Promise<WitnessState> {
    const path = join(folder, STATE_NAME);
    await makeFirst(folder, path, witness);
    const lock = await takeLock(join(folder, LOCK_NAME));
    try {
      await removeBroken(path);
      return new WitnessState(path, witness, lock, write, decodeState(await readState(path), witness));
    } catch (error) {
      await lock.close();
      throw error;
    }
  }

  get(origin: string): Cosigned | undefined {
    return this.#cosigned.get(origin);
  }

  /** Of every log that was ever cosigned. */
  get all(): readonly Cosigned[] {
    return [...this.#cosigned.values()];
  }

  /** Throws WitnessError `state-failed` once the disk has refused: what is on it is not known any more. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Durable when it resolves. Rejects with WitnessError `state-failed`, and then nothing more is taken. */
  async put(cosigned: Cosigned): Promise<void> {
    const turn = this.#writing.then(() => this.#put(cosigned));
    this.#writing = turn.catch(() => undefined);
    await turn;
  }

  /** Lets a write end, and the folder go. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#lock.close();
  }

  async #put(cosigned: Cosigned): Promise<void> {
    this.check();
    const next = new Map(this.#cosigned).set(cosigned.head.origin, cosigned);
    try {
      await writeOrFail(this.#write, this.#path, encodeState(this.#witness, next));
    } catch (error) {
      this.#failure = error as WitnessError;
      throw error;
    }
    this.#cosigned = next;
  }
}

async function writeOrFail(write: WriteState, path: string, text: string): Promise<void> {
  if (Buffer.byteLength(text) > STATE_BYTES_MAX)
    throw new WitnessError("state-failed", "the state would be too large");
  try {
    await write(path, text);
  } catch (cause) {
    const message = `the state cannot be written (${(cause as Error).message}); nothing more is signed`;
    throw new WitnessError("state-failed", message, cause);
  }
}

/**
 * An empty state for an empty folder. A folder that was used and has no state is not begun anew: the witness would forget
 * what it signed.
 */
async function makeFirst(folder: string, path: string, witness: VerifierKey): Promise<void> {
  let names: readonly string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    names = await readdir(folder);
    if (names.includes(STATE_NAME)) return;
    if (names.every((name) => isBesideOf(path, name))) {
      await createDurably(path, encodeState(witness, new Map()));
      return;
    }
  } catch (cause) {
    throw new WitnessError("state-failed", `${folder}: ${(cause as Error).message}`, cause);
  }
  throw new WitnessError(
    "state-missing",
    `${folder} is not empty, and has no state of a witness; nothing is signed`,
  );
}

async function takeLock(path: string): Promise<EntryStore> {
  try {
    return await openStore(path, { create: true });
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    const code = cause.code === "in-use" ? "state-in-use" : "state-failed";
    throw new WitnessError(
      code,
      `${path}: ${code === "state-in-use" ? "another witness works here" : cause.message}`,
      cause,
    );
  }
}

async function readState(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > STATE_BYTES_MAX)
      throw new WitnessError("state-invalid", `${path} is too large`);
    return await readFile(path, "utf8");
  } catch (cause) {
    if (cause instanceof WitnessError) throw cause;
    throw new WitnessError("state-failed", `${path}: ${(cause as Error).message}`, cause);
  }
}
