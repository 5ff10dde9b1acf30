import { blockBodyBytesMax } from "./block-limits.js";
import { RecordingError } from "./recording-error.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

/** What a chunk of a stream block is, in the lowest bits of its head. */
export const ChunkBit = {
  /** What the client typed, under the apart key; else frames under the data key. */
  apart: 0x01,
  /** The frames were deflated. */
  deflated: 0x02,
} as const;

/** Begins a stream block, where others have their length, and ends its chunks. */
export const streamMark = 0x00;
/** A stream block's chunks together: a writer ends it far earlier, after the chunk that was too much. */
export const streamBytesMax = 512 * 1024;
/** What stands before a chunk's ciphertext. */
export const chunkHeadBytesMax = varintBytesMax;

/** One chunk as a stream block holds it. */
export interface Chunk {
  readonly bits: number;
  /** Ciphertext; a view. */
  readonly bytes: Buffer;
}

/** Writes a chunk's head and returns the offset of its ciphertext. */
export function writeChunkHead(target: Buffer, at: number, bits: number, length: number): number {
  return writeVarint(target, at, length * 4 + bits);
}

/**
 * Takes the whole chunks at the cursor. `closed` says that the mark behind the last one was there; without it the cursor
 * stands behind the last whole chunk.
 * @throws RecordingError `varint-invalid`, `block-too-long`, `chunk-invalid`
 */
export function takeChunks(cursor: ByteCursor): { chunks: Chunk[]; closed: boolean } {
  const chunks: Chunk[] = [];
  const begin = cursor.at;
  for (;;) {
    const at = cursor.at;
    const head = cursor.varint();
    if (head === streamMark) return { chunks, closed: true };
    if (head !== undefined) checkHead(head);
    const bytes = head === undefined ? undefined : cursor.take(Math.floor(head / 4));
    if (head === undefined || bytes === undefined) {
      cursor.at = at;
      return { chunks, closed: false };
    }
    if (cursor.at - begin > streamBytesMax)
      throw new RecordingError("block-too-long", "a stream block is too long");
    chunks.push({ bits: head % 4, bytes });
  }
}

function checkHead(head: number): void {
  const [length, bits] = [Math.floor(head / 4), head % 4];
  if (length > blockBodyBytesMax) throw new RecordingError("block-too-long", "a chunk is too long");
  if (length === 0 || bits === 3) throw new RecordingError("chunk-invalid", "a chunk that v1 does not have");
}
