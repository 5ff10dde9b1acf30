import { RecordingError } from "./recording-error.js";

/** Bytes that the longest number takes: 2^53 - 1 in groups of seven bits. */
export const varintBytesMax = 8;

/**
 * Writes `value` (an integer from 0 to 2^53 - 1) as unsigned LEB128 and returns the offset after it.
 * Arithmetic instead of shifts where a value may pass 2^31.
 */
export function writeVarint(target: Buffer, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[at++] = rest;
  return at;
}

/** A place in bytes that moves as numbers and pieces are taken. Every take is checked against the end. */
export class ByteCursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** One byte, or undefined at the end. */
  byte(): number | undefined {
    return this.bytes[this.at++];
  }

  /** `length` bytes as a view (not a copy), or undefined when fewer are left. */
  take(length: number): Buffer | undefined {
    if (length > this.bytes.length - this.at) return undefined;
    const piece = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return piece;
  }

  /**
   * A number, or undefined when the bytes end inside it.
   * @throws RecordingError `varint-invalid` for a number that is not minimal or too large
   */
  varint(): number | undefined {
    let value = 0;
    let scale = 1;
    for (let count = 1; ; count++) {
      const byte = this.byte();
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && count > 1) throw new RecordingError("varint-invalid", "a number is not minimal");
        if (value > Number.MAX_SAFE_INTEGER)
          throw new RecordingError("varint-invalid", "a number is too large");
        return value;
      }
      if (count === varintBytesMax) throw new RecordingError("varint-invalid", "a number is too long");
      scale *= 0x80;
    }
  }
}
