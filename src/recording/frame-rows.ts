import { plainBytesMax } from "./block-limits.js";
import { directions, framePayloadBytesMax, FrameType, isChannel, isFrameType, type Frame } from "./frame.js";
import { RecordingError } from "./recording-error.js";
import { ByteCursor, writeVarint } from "./varint.js";

/** What a frame's row is told against: the frame before it among those that are sealed together. */
export interface Before {
  readonly type: number;
  readonly address: number;
  readonly atMs: number;
}

/** Before the first frame: output of the first channel, which most frames are; and when the last one was. */
export function beforeFirst(atMs: number): Before {
  return { type: FrameType.channelData, address: 5, atMs };
}

/** Length, type, channel and direction, time at their longest. */
export const rowBytesMax = 4 + 1 + 4 + 8;

/** Channel and direction as one number. */
export function addressOf({ channel, direction }: Pick<Frame, "channel" | "direction">): number {
  return channel * 4 + (direction === "client" ? 0 : direction === "target" ? 1 : 2);
}

/**
 * Writes a frame's row at `at` and returns the offset after it: twice the payload's length, and one more where type and
 * address follow because they are others than before; the milliseconds since the frame before.
 */
export function writeRow(
  target: Buffer,
  at: number,
  frame: Omit<Frame, "payload">,
  payloadBytes: number,
  before: Before,
): number {
  const address = addressOf(frame);
  const isOther = frame.type !== before.type || address !== before.address;
  at = writeVarint(target, at, payloadBytes * 2 + (isOther ? 1 : 0));
  if (isOther) {
    target[at++] = frame.type;
    at = writeVarint(target, at, address);
  }
  return writeVarint(target, at, Math.floor(frame.atUs / 1000) - before.atMs);
}

/**
 * Frames that were sealed together: `length of the rows ‖ rows ‖ payloads`. Payloads are views into `plain`.
 * @throws RecordingError `frame-invalid`, `varint-invalid`, `block-too-long`
 */
export function decodeFrames(plain: Buffer, sinceMs = 0): Frame[] {
  if (plain.length > plainBytesMax) throw new RecordingError("block-too-long", "a block is too long");
  const cursor = new ByteCursor(plain);
  const rowsBytes = cursor.varint() ?? 0;
  const rows = cursor.take(rowsBytes);
  if (rows === undefined || rowsBytes === 0) throw invalid("a block without frames");
  const rowCursor = new ByteCursor(rows);
  const frames: Frame[] = [];
  let before = beforeFirst(sinceMs);
  while (!rowCursor.done) {
    const { row, length } = takeRow(rowCursor, before);
    const payload = cursor.take(length);
    const direction = directions[row.address % 4];
    const channel = Math.floor(row.address / 4);
    const sound = isFrameType(row.type) && isChannel(channel) && length <= framePayloadBytesMax;
    if (payload === undefined || direction === undefined || !sound)
      throw invalid("a frame of a kind that v1 does not have");
    frames.push({ type: row.type, direction, channel, atUs: row.atMs * 1000, payload });
    before = row;
  }
  if (!cursor.done) throw invalid("bytes follow the last frame");
  return frames;
}

function takeRow(cursor: ByteCursor, before: Before): { row: Before; length: number } {
  const size = cursor.varint();
  const isOther = size !== undefined && size % 2 === 1;
  const type = isOther ? cursor.byte() : before.type;
  const address = isOther ? cursor.varint() : before.address;
  const elapsed = cursor.varint();
  if (size === undefined || type === undefined || address === undefined || elapsed === undefined)
    throw invalid("a block ends inside a frame");
  if (isOther && type === before.type && address === before.address)
    throw invalid("a frame names what is the same as before");
  const atMs = before.atMs + elapsed;
  if (atMs * 1000 > Number.MAX_SAFE_INTEGER) throw invalid("a frame beyond the end of time");
  return { row: { type, address, atMs }, length: Math.floor(size / 2) };
}

function invalid(message: string): RecordingError {
  return new RecordingError("frame-invalid", message);
}
