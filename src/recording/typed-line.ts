import { RecordingError } from "./recording-error.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

/** What a typed frame holds. */
export interface TypedLine {
  /** Milliseconds from its first key to the frame. */
  readonly agoMs: number;
  /** A block that its first key is not before: who takes out the line has to take out its keys, from there on. */
  readonly fromBlock: number;
  readonly text: string;
}

export function encodeTypedLine({ agoMs, fromBlock, text }: TypedLine): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const payload = Buffer.allocUnsafeSlow(2 * varintBytesMax + bytes.length);
  const at = writeVarint(payload, writeVarint(payload, 0, agoMs), fromBlock);
  payload.set(bytes, at);
  return payload.subarray(0, at + bytes.length);
}

/** @throws RecordingError `frame-invalid`, `varint-invalid` */
export function decodeTypedLine(payload: Buffer): TypedLine {
  const cursor = new ByteCursor(payload);
  const agoMs = cursor.varint();
  const fromBlock = cursor.varint();
  if (agoMs === undefined || fromBlock === undefined)
    throw new RecordingError("frame-invalid", "a typed frame without its beginning");
  return { agoMs, fromBlock, text: payload.toString("utf8", cursor.at) };
}
