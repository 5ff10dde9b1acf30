import { addressOf, beforeFirst, rowBytesMax, writeRow, type Before } from "./frame-rows.js";
import type { Frame } from "./frame.js";
import { varintBytesMax, writeVarint } from "./varint.js";

/** Room for the rows of frames before their payloads: hundreds of keystrokes' echoes. */
const rowsBytesMax = 2048;
/** The rows' length and the first row, which is written last: its time counts from what is sealed before it. */
const frontBytes = varintBytesMax + rowBytesMax;
const payloadsAt = frontBytes + rowsBytesMax;
/** Payloads are gathered up to this: two packets of 32 KiB go into one block. */
const payloadsBytesMax = 64 * 1024;
/** Free buffers kept for the next open block; more go back to the collector. */
const freeBuffersMax = 16;

/** Buffers are lent to blocks that hold something, so that an idle session holds none. Shared by all writers. */
const freeBuffers: Buffer[] = [];

/** The frames that wait to be sealed together, encoded. */
export class OpenBlock {
  #buffer: Buffer | undefined;
  #first: { frame: Omit<Frame, "payload">; bytes: number } | undefined;
  /** What the next frame's row is told against. */
  #before: Before = beforeFirst(0);
  #rowsEnd = frontBytes;
  #end = payloadsAt;
  #terminalOnly = true;
  #holdsClient = false;

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Bytes of payload in it. */
  get bytes(): number {
    return this.#end - payloadsAt;
  }

  /** When its last frame was. */
  get lastMs(): number {
    return this.#before.atMs;
  }

  /** True while every frame was said to be of a terminal: worth deflating. */
  get terminalOnly(): boolean {
    return this.#terminalOnly;
  }

  /** A frame from the client is in it. */
  get holdsClient(): boolean {
    return this.#holdsClient;
  }

  /** False when the frame must go to the next block. An empty block takes any frame that the format allows. */
  hasRoomFor({ payload }: Frame): boolean {
    if (this.#buffer === undefined) return true;
    return this.#end + payload.length <= this.#buffer.length && this.#rowsEnd + rowBytesMax <= payloadsAt;
  }

  /** Copies the frame in. There is room, and its time is not before the last one's. */
  add(frame: Frame, terminal: boolean): void {
    const { type, direction, channel, atUs, payload } = frame;
    this.#buffer ??= borrow(payload.length);
    if (this.#first === undefined)
      this.#first = { frame: { type, direction, channel, atUs }, bytes: payload.length };
    else this.#rowsEnd = writeRow(this.#buffer, this.#rowsEnd, frame, payload.length, this.#before);
    this.#before = { type, address: addressOf(frame), atMs: Math.floor(atUs / 1000) };
    this.#buffer.set(payload, this.#end);
    this.#end += payload.length;
    this.#terminalOnly &&= terminal;
    this.#holdsClient ||= direction === "client";
  }

  /** What is in it, the first frame's time counted from `sinceMs`: a view that lives until {@link reset}. To be asked for once. */
  plain(sinceMs: number): Buffer {
    const buffer = this.#buffer;
    if (buffer === undefined || this.#first === undefined) return Buffer.alloc(0);
    const { frame, bytes } = this.#first;
    const front = Buffer.allocUnsafe(frontBytes);
    const firstEnd = writeRow(front, 0, frame, bytes, beforeFirst(sinceMs));
    const rowsBytes = this.#rowsEnd - frontBytes;
    const lengthEnd = writeVarint(front, firstEnd, firstEnd + rowsBytes);
    const rowsAt = payloadsAt - rowsBytes;
    buffer.copyWithin(rowsAt, frontBytes, this.#rowsEnd);
    const firstAt = rowsAt - firstEnd;
    const at = firstAt - (lengthEnd - firstEnd);
    buffer.set(front.subarray(firstEnd, lengthEnd), at);
    buffer.set(front.subarray(0, firstEnd), firstAt);
    return buffer.subarray(at, this.#end);
  }

  /** Empties it, wipes what was in it, and gives the buffer back. */
  reset(): void {
    const buffer = this.#buffer;
    buffer?.fill(0, 0, this.#end);
    if (buffer?.length === payloadsAt + payloadsBytesMax && freeBuffers.length < freeBuffersMax)
      freeBuffers.push(buffer);
    this.#buffer = undefined;
    this.#first = undefined;
    this.#before = beforeFirst(0);
    this.#rowsEnd = frontBytes;
    this.#end = payloadsAt;
    this.#terminalOnly = true;
    this.#holdsClient = false;
  }
}

function borrow(bytes: number): Buffer {
  return bytes > payloadsBytesMax
    ? Buffer.allocUnsafeSlow(payloadsAt + bytes)
    : (freeBuffers.pop() ?? Buffer.allocUnsafeSlow(payloadsAt + payloadsBytesMax));
}
