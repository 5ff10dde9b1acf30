import { FrameType, framePayloadBytesMax, isChannel, type Frame } from "./frame.js";
import { RecordingError } from "./recording-error.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

const channelFollows = 0x01;
const isExtended = 0x02;

/** What an apart chunk is told against: the one before it in its block. */
export interface TypedBefore {
  readonly channel: number;
  readonly atMs: number;
}

export const nothingTyped: TypedBefore = { channel: 1, atMs: 0 };

/** True for what a stream block keeps apart: data from the client. */
export function isClientData({ type, direction }: Pick<Frame, "type" | "direction">): boolean {
  return direction === "client" && (type === FrameType.channelData || type === FrameType.channelExtendedData);
}

/** An apart chunk's plaintext: four times the milliseconds since the one before and two bits, the channel, the data. */
export function encodeTyped(frame: Frame, before: TypedBefore): Buffer {
  const { type, channel, payload } = frame;
  const bits =
    (channel === before.channel ? 0 : channelFollows) |
    (type === FrameType.channelExtendedData ? isExtended : 0);
  const plain = Buffer.allocUnsafeSlow(2 * varintBytesMax + payload.length);
  let at = writeVarint(plain, 0, (Math.floor(frame.atUs / 1000) - before.atMs) * 4 + bits);
  if (channel !== before.channel) at = writeVarint(plain, at, channel);
  plain.set(payload, at);
  return plain.subarray(0, at + payload.length);
}

/** @throws RecordingError `frame-invalid`, `varint-invalid` */
export function decodeTyped(plain: Buffer, before: TypedBefore): Frame {
  const cursor = new ByteCursor(plain);
  const head = cursor.varint();
  const bits = (head ?? 0) % 4;
  const follows = (bits & channelFollows) !== 0;
  const channel = follows ? cursor.varint() : before.channel;
  const atMs = before.atMs + Math.floor((head ?? 0) / 4);
  if (
    head === undefined ||
    channel === undefined ||
    !isChannel(channel) ||
    atMs > Number.MAX_SAFE_INTEGER / 1000
  )
    throw new RecordingError("frame-invalid", "an apart chunk that v1 does not have");
  if (follows && channel === before.channel)
    throw new RecordingError("frame-invalid", "an apart chunk names the same channel as before");
  const payload = plain.subarray(cursor.at);
  if (payload.length > framePayloadBytesMax) throw new RecordingError("frame-invalid", "too much was typed");
  const type = (bits & isExtended) === 0 ? FrameType.channelData : FrameType.channelExtendedData;
  return { type, direction: "client", channel, atUs: atMs * 1000, payload };
}
