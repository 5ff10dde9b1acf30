import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  DurableFiles,
  LedgerError,
  openStore,
  realDisk,
  type EntryStore,
  type VerifierKey,
} from "../../ledger/index.js";
import { WitnessError } from "../witness-error.js";
import {
  decodeState,
  encodeState,
  STATE_BYTES_MAX,
  type Cosigned,
  type CosignedByOrigin,
} from "./cosigned.js";

const STATE_NAME = "state";
const LOCK_NAME = "lock";
const UNFINISHED_NAME = "state.tmp";

/**
 * What a witness cosigned last, for each log, in a folder that is this process' alone: `state`, and `lock`, a database whose
 * lock the system lets go with the process. Its one row says that there has been a state.
 */
export class WitnessState {
  readonly #files: DurableFiles;
  readonly #witness: VerifierKey;
  readonly #lock: EntryStore;
  #cosigned: CosignedByOrigin;
  #failure: WitnessError | undefined;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    files: DurableFiles,
    witness: VerifierKey,
    lock: EntryStore,
    cosigned: CosignedByOrigin,
  ) {
    this.#files = files;
    this.#witness = witness;
    this.#lock = lock;
    this.#cosigned = cosigned;
  }

  /**
   * Takes the folder and reads the state; makes both where there is nothing yet. Throws WitnessError `state-in-use`,
   * `state-missing`, `state-invalid`, `state-foreign`, `state-failed`.
   */
  static async open(folder: string, witness: VerifierKey, disk = realDisk): Promise<WitnessState> {
    await ownFolder(folder);
    const lock = await takeLock(join(folder, LOCK_NAME));
    const files = new DurableFiles(folder, disk, join(folder, UNFINISHED_NAME));
    try {
      const text = await readOrBegin(folder, files, lock, witness);
      return new WitnessState(files, witness, lock, decodeState(text, witness));
    } catch (error) {
      await lock.close();
      throw error instanceof WitnessError ? error : failed(folder, error);
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
      await write(this.#files, encodeState(this.#witness, next));
    } catch (error) {
      this.#failure = error as WitnessError;
      throw error;
    }
    this.#cosigned = next;
  }
}

async function write(files: DurableFiles, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  if (bytes.length > STATE_BYTES_MAX) throw new WitnessError("state-failed", "the state would be too large");
  try {
    await files.write([{ path: STATE_NAME, bytes }]);
  } catch (cause) {
    const message = `the state cannot be written (${(cause as Error).message}); nothing more is signed`;
    throw new WitnessError("state-failed", message, cause);
  }
}

/** A new folder, or one of a witness, at first sight. */
async function ownFolder(folder: string): Promise<void> {
  const own = [STATE_NAME, LOCK_NAME, UNFINISHED_NAME];
  let names: readonly string[];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    names = await readdir(folder);
  } catch (cause) {
    throw failed(folder, cause);
  }
  if (!names.includes(STATE_NAME) && !names.every((name) => own.includes(name)))
    throw new WitnessError("state-missing", `${folder} is not empty, and has no state of a witness`);
}

/**
 * The state; an empty one where there was none yet. One that is gone is not begun anew: the witness would forget what it
 * signed. Nothing is signed before the lock has its row.
 */
async function readOrBegin(
  folder: string,
  files: DurableFiles,
  lock: EntryStore,
  witness: VerifierKey,
): Promise<string> {
  await files.prepare();
  const isBegun = (await lock.last()) !== -1;
  const bytes = await files.read(STATE_NAME);
  if (bytes === undefined && isBegun)
    throw new WitnessError("state-missing", `the state in ${folder} is gone; nothing is signed`);
  if (bytes !== undefined && bytes.length > STATE_BYTES_MAX)
    throw new WitnessError("state-invalid", `the state in ${folder} is too large`);
  const text = bytes?.toString() ?? encodeState(witness, new Map());
  if (bytes === undefined) await write(files, text);
  if (!isBegun) await lock.write([{ index: 0, value: Buffer.alloc(0) }]);
  return text;
}

function failed(folder: string, cause: unknown): WitnessError {
  return new WitnessError("state-failed", `${folder}: ${(cause as Error).message}`, cause);
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
