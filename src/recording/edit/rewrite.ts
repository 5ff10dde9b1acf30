import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { BlockKind } from "../block.js";
import { openBlockSource } from "../block-source.js";
import { magic, type Head } from "../chain.js";
import { RecordingError, type RecordingErrorCode } from "../recording-error.js";
import { TORN_KIND } from "../substitute.js";
import { verifyRecording } from "../verify.js";
import { Walk, type Step } from "../walk.js";
import { systemFiles, type EditFile, type EditFiles, type OldFile } from "./edit-files.js";

/** Copied at once. */
const writeBytes = 256 * 1024;

/** What the changed copy of a recording is called until it takes the recording's place. */
export const EDIT_SUFFIX = ".edit";

export interface Rewrite {
  readonly path: string;
  /** Of the recording: the chain must be at this head when all is copied. */
  readonly promised?: Head | undefined;
  /** What is to stand in place of a block; undefined leaves it as it is. */
  readonly substitute: (step: Step) => Buffer | undefined;
}

/** A changed copy that is on the disk, beside the recording. */
export interface PreparedRewrite {
  readonly path: string;
  readonly copy: string;
  /** Where in the old file the blocks are that are not in the copy. */
  readonly gone: readonly { readonly offset: number; readonly bytes: number }[];
}

/**
 * Makes a copy of an ended recording with some of its blocks substituted, and brings it to the disk. The recording itself is
 * not touched; of a copy that cannot be finished nothing is left.
 * @throws RecordingError for a recording that is not whole, `head-mismatch`; `create-failed`, `write-failed`, `sync-failed`
 */
export async function prepareRewrite(
  rewrite: Rewrite,
  files: EditFiles = systemFiles,
): Promise<PreparedRewrite> {
  const { path } = rewrite;
  const copy = path + EDIT_SUFFIX;
  await failingAs("create-failed", files.remove(copy)); // what a crash left of an earlier one
  const file = await failingAs("create-failed", files.create(copy));
  let isClosed = false;
  try {
    const gone = await copyBlocks(rewrite, file);
    await failingAs("sync-failed", file.sync());
    isClosed = true;
    await failingAs("sync-failed", file.close());
    await failingAs("sync-failed", files.syncFolder(dirname(path)));
    return { path, copy, gone };
  } catch (error) {
    if (!isClosed) await file.close().catch(() => undefined);
    await files.remove(copy).catch(() => undefined);
    throw error;
  }
}

/**
 * Puts a prepared copy in the recording's place, and writes zeros over what is gone from the old file. Whoever opens the
 * recording sees the old one or the new one. When this rejects with `replace-failed` it is the old one, or not known to be
 * on the disk as the new one; to do it again changes nothing more.
 */
export async function commitRewrite(
  { path, copy, gone }: PreparedRewrite,
  files: EditFiles = systemFiles,
): Promise<void> {
  // held open, or its bytes could not be reached once its name is taken away
  const old = gone.length === 0 ? undefined : await files.openOld(path).catch(() => undefined);
  try {
    await failingAs("replace-failed", files.rename(copy, path));
    await failingAs("replace-failed", files.syncFolder(dirname(path)));
    // Known hole: after a crash right here the old bytes are in free space of the disk. Not worth a failure either.
    if (old !== undefined) await overwrite(old, gone).catch(() => undefined);
  } finally {
    await old?.close().catch(() => undefined);
  }
}

/**
 * A copy that was left beside a recording by whoever prepared it and did not come further, as prepareRewrite gave it; undefined
 * when there is none, or no recording. Whether it is to take the recording's place is for the caller to know.
 * @throws RecordingError for a copy that is not whole
 */
export async function preparedAgain(path: string): Promise<PreparedRewrite | undefined> {
  const copy = path + EDIT_SUFFIX;
  if (!existsSync(copy) || !existsSync(path)) return undefined;
  const { substitutes } = await verifyRecording(copy);
  const gone = new Set(substitutes.map(({ block }) => block));
  return { path, copy, gone: await placesOf(path, gone) };
}

/** What a dead writer left of a block, as if it were one. */
export function tornStep(bytes: Buffer, { chain }: Walk, offset: number): Step {
  const block = { kind: TORN_KIND, bytes, body: bytes, offset };
  return { number: chain.blocks, kind: TORN_KIND, block, substitute: undefined };
}

/** Of these blocks, where those are that are still as they were recorded. A damaged file is replaced all the same. */
async function placesOf(path: string, blocks: ReadonlySet<number>): Promise<PreparedRewrite["gone"]> {
  const source = await openBlockSource(path);
  const places: { offset: number; bytes: number }[] = [];
  let number = 0;
  try {
    const all = source.blocks();
    let end = magic.length;
    let next = await all.next();
    for (; next.done !== true; next = await all.next(), number += 1) {
      const { offset, bytes, kind } = next.value;
      if (blocks.has(number) && kind !== BlockKind.substitute) places.push({ offset, bytes: bytes.length });
      end = offset + bytes.length;
    }
    const torn = next.value.length;
    if (torn > 0 && blocks.has(number)) places.push({ offset: end, bytes: torn });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
  } finally {
    await source.close();
  }
  return places;
}

async function copyBlocks(
  { path, promised, substitute }: Rewrite,
  file: EditFile,
): Promise<PreparedRewrite["gone"]> {
  const source = await openBlockSource(path);
  const out = new Batch(file);
  const gone: { offset: number; bytes: number }[] = [];
  try {
    const walk = new Walk();
    const blocks = source.blocks();
    await out.add(magic);
    const copy = async (step: Step): Promise<void> => {
      const { bytes, offset } = step.block;
      const instead = substitute(step);
      if (instead !== undefined) gone.push({ offset, bytes: bytes.length });
      await out.add(instead ?? bytes);
    };
    let end = magic.length;
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      const step = walk.enter(next.value);
      await copy(step);
      walk.leave(step);
      end = next.value.offset + next.value.bytes.length;
    }
    if (next.value.length > 0) await copy(tornStep(next.value, walk, end));
    await out.flush();
    verifyHead(walk.head(), promised);
    return gone;
  } finally {
    await source.close();
  }
}

/** @throws RecordingError `head-mismatch`; nothing without a promise */
export function verifyHead(head: Head, promised: Head | undefined): void {
  if (promised === undefined) return;
  const isSame =
    head.hash === promised.hash && head.blocks === promised.blocks && head.bytes === promised.bytes;
  if (!isSame)
    throw new RecordingError("head-mismatch", "the recording is not the one that was promised", {
      offset: head.bytes,
    });
}

/** Only where the file has no other name: a backup of hard links would be neither whole nor redacted. */
async function overwrite(old: OldFile, gone: PreparedRewrite["gone"]): Promise<void> {
  if ((await old.names()) > 0) return;
  for (const { offset, bytes } of gone) await old.overwrite(Buffer.alloc(bytes), offset);
  await old.sync();
}

/** Gathers what is written into writes of some size. */
class Batch {
  readonly #file: EditFile;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(file: EditFile) {
    this.#file = file;
  }

  async add(bytes: Buffer): Promise<void> {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length >= writeBytes) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#length = 0;
    if (bytes.length > 0) await failingAs("write-failed", this.#file.write(bytes));
  }
}

async function failingAs<T>(code: RecordingErrorCode, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (cause) {
    throw new RecordingError(
      code,
      `cannot change the recording: ${cause instanceof Error ? cause.message : "?"}`,
      {
        cause,
      },
    );
  }
}
