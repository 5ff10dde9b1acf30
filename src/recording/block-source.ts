import { constants, open, type FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { BlockSplitter, type Block } from "./block.js";
import { RecordingError } from "./recording-error.js";

/** Read at once; several blocks of bulk, or all of a short session. */
const readBytes = 256 * 1024;
/** How soon a reader that follows sees what was written: well under what an eye notices as late. */
const followEveryMs = 50;

/** Reads blocks from an open file. May be used by several readers at once, each from the beginning. */
export interface BlockSource {
  /**
   * All whole blocks in order. With `follow` it waits at the end for more until the signal aborts, and also gives
   * a stream block that still grows, each time it has grown; without it ends there. Returns the bytes of an unfinished block that are left over.
   * @throws RecordingError as {@link BlockSplitter.next}, and `read-failed`
   */
  blocks(follow?: AbortSignal): AsyncGenerator<Block, Buffer>;
  close(): Promise<void>;
}

/** @throws RecordingError `read-failed` */
export async function openBlockSource(path: string): Promise<BlockSource> {
  const handle = await orReadFailed(open(path, constants.O_RDONLY | constants.O_NONBLOCK)); // a FIFO that nobody writes to ends at once
  return { blocks: (follow) => readBlocks(handle, follow), close: () => handle.close() };
}

/** The blocks of a recording whose bytes come from elsewhere; what reading them throws is passed on. */
export async function* blocksOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Block, Buffer> {
  const splitter = new BlockSplitter();
  for await (const piece of pieces) {
    splitter.push(piece);
    for (let block = splitter.next(); block; block = splitter.next()) yield block;
  }
  return splitter.pending;
}

async function* readBlocks(handle: FileHandle, follow?: AbortSignal): AsyncGenerator<Block, Buffer> {
  const splitter = new BlockSplitter();
  let seen = 0;
  for (let position = 0; ;) {
    // A new buffer each time: blocks are views into it, and their holders may keep them.
    const buffer = Buffer.allocUnsafeSlow(readBytes);
    const { bytesRead } = await orReadFailed(handle.read(buffer, 0, readBytes, position));
    if (bytesRead === 0) {
      if (follow === undefined || follow.aborted) return splitter.pending;
      if (splitter.pending.length > seen) {
        seen = splitter.pending.length;
        const unfinished = splitter.unfinished();
        if (unfinished !== undefined) yield unfinished;
      }
      await sleep(followEveryMs, undefined, { signal: follow }).catch(() => undefined);
      continue;
    }
    position += bytesRead;
    splitter.push(buffer.subarray(0, bytesRead));
    for (let block = splitter.next(); block; block = splitter.next()) {
      seen = 0;
      yield block;
    }
  }
}

async function orReadFailed<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    throw new RecordingError("read-failed", `cannot read: ${cause instanceof Error ? cause.message : "?"}`, {
      cause,
    });
  }
}
