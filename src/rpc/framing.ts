import { isUtf8 } from "node:buffer";

/**
 * Frames on the unix socket: a big-endian uint32 length, then that many bytes of UTF-8 JSON.
 */

/** Longest frame: settings with 100,000 registered keys, a proxy's return with 10,000 sessions (`shapes.ts`) fit. */
export const frameBytesMax = 8 * 1024 * 1024;

const lengthBytes = 4;

/** Throws `RangeError` beyond `frameBytesMax`. */
export function encodeFrame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value), "utf8");
  if (body.length > frameBytesMax)
    throw new RangeError(`rpc frame of ${body.length} bytes is over the limit`);
  const frame = Buffer.allocUnsafe(lengthBytes + body.length);
  frame.writeUInt32BE(body.length);
  body.copy(frame, lengthBytes);
  return frame;
}

/** Cuts a byte stream into frames. Throws `SyntaxError` or `RangeError` on what no honest peer sends. */
export class FrameDecoder {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** How many bytes there must be before the next step is possible. */
  #wantedBytes = lengthBytes;

  push(bytes: Buffer): unknown[] {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes < this.#wantedBytes) return [];
    let pending = Buffer.concat(this.#chunks);
    const values: unknown[] = [];
    for (;;) {
      this.#wantedBytes = frameBytes(pending);
      if (pending.length < this.#wantedBytes) break;
      values.push(parse(pending.subarray(lengthBytes, this.#wantedBytes)));
      pending = pending.subarray(this.#wantedBytes);
    }
    this.#chunks = [pending];
    this.#bytes = pending.length;
    return values;
  }
}

function frameBytes(pending: Buffer): number {
  if (pending.length < lengthBytes) return lengthBytes;
  const length = pending.readUInt32BE();
  if (length > frameBytesMax) throw new RangeError(`rpc frame of ${length} bytes is over the limit`);
  return lengthBytes + length;
}

function parse(body: Buffer): unknown {
  if (!isUtf8(body)) throw new SyntaxError("rpc frame is not UTF-8");
  return JSON.parse(body.toString("utf8"));
}
