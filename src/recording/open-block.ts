import { plainBytesMax } from "./block.js";
import { frameBytesBound, writeFrame, type Frame } from "./frame.js";

/** Frames are gathered up to this: two packets of 32 KiB and their overhead go into one block. */
export const groupBytesMax = 64 * 1024 + 1024;
/** Free buffers kept for the next open block; more go back to the collector. */
const freeBuffersMax = 16;

/** Buffers are lent to blocks that hold something, so that an idle session holds none. Shared by all writers. */
const freeBuffers: Buffer[] = [];

/** The frames that wait to be sealed, encoded. */
export class OpenBlock {
  #buffer: Buffer | undefined;
  #bytes = 0;
  #lastUs = 0;
  #terminalOnly = true;

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** True while every frame was said to be of a terminal: worth deflating. */
  get terminalOnly(): boolean {
    return this.#terminalOnly;
  }

  /** False when the frame must go to the next block. An empty block takes any frame that the format allows. */
  hasRoomFor(frame: Frame): boolean {
    const bytes = this.#bytes + frameBytesBound(frame);
    return bytes <= groupBytesMax || (this.#bytes === 0 && bytes <= plainBytesMax);
  }

  /** Copies the frame in. There is room, and its time is not before the last one's. */
  add(frame: Frame, terminal: boolean): void {
    this.#buffer ??= borrow(frameBytesBound(frame));
    this.#bytes = writeFrame(this.#buffer, this.#bytes, frame, this.#lastUs);
    this.#lastUs = frame.atUs;
    this.#terminalOnly &&= terminal;
  }

  /** What is in it: a view that lives until {@link reset}. */
  plain(): Buffer {
    return this.#buffer?.subarray(0, this.#bytes) ?? Buffer.alloc(0);
  }

  /** Empties it and gives the buffer back. What was in it stays there until it is written over: secrets of one process. */
  reset(): void {
    const buffer = this.#buffer;
    if (buffer?.length === groupBytesMax && freeBuffers.length < freeBuffersMax) freeBuffers.push(buffer);
    this.#buffer = undefined;
    this.#bytes = 0;
    this.#lastUs = 0;
    this.#terminalOnly = true;
  }
}

function borrow(bytes: number): Buffer {
  return bytes > groupBytesMax
    ? Buffer.allocUnsafeSlow(bytes)
    : (freeBuffers.pop() ?? Buffer.allocUnsafeSlow(groupBytesMax));
}
