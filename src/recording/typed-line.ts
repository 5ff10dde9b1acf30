import { RecordingError } from "./recording-error.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

/** What a typed frame holds. */
export interface TypedLine {
  /** Milliseconds from its first key to the frame: who takes out one has to take out the other. */
  readonly agoMs: number;
  readonly text: string;
}

export function encodeTypedLine({ agoMs, text }: TypedLine): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const payload = Buffer.allocUnsafeSlow(varintBytesMax + bytes.length);
  const at = writeVarint(payload, 0, agoMs);
  payload.set(bytes, at);
  return payload.subarray(0, at + bytes.length);
}

/** @throws RecordingError `frame-invalid`, `varint-invalid` */
export function decodeTypedLine(payload: Buffer): TypedLine {
  const cursor = new ByteCursor(payload);
  const agoMs = cursor.varint();
  if (agoMs === undefined) throw new RecordingError("frame-invalid", "a typed frame without its time");
  return { agoMs, text: payload.toString("utf8", cursor.at) };
}
