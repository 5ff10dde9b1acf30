import { isUtf8 } from "node:buffer";
import { WireError, type WireErrorCode } from "./wire-error.js";

/**
 * Reads the data types of RFC 4251 section 5 strictly: what it reads, `WireWriter` writes back to the same bytes.
 * Buffers it returns are views: they live as long as the input. attacker-controlled: everything it reads.
 *
 * It refuses with `WireError`; a room with errors of its own overrides `refusal`. A length that no caller bounds is
 * bounded by the input, which is one packet or one file.
 */
export class WireReader {
  readonly #bytes: Buffer;
  #position: number;

  /** Begins at byte `position`, such as after a message number. */
  constructor(bytes: Buffer, position = 0) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Where the next field begins. */
  get position(): number {
    return this.#position;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** The bytes between an earlier `position` and this one. */
  since(position: number): Buffer {
    return this.#bytes.subarray(position, this.#position);
  }

  /** The next `length` bytes as they are. Throws `truncated`. */
  raw(length: number): Buffer {
    if (length > this.remaining) this.#refuse("truncated", `${length} bytes wanted`);
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  byte(): number {
    return this.raw(1).readUInt8();
  }

  /** 0 or 1; RFC 4251 lets a reader take other values, but a writer must not send them. Throws `invalid-boolean`. */
  boolean(): boolean {
    const value = this.byte();
    if (value > 1) this.#refuse("invalid-boolean", `value ${value}`);
    return value === 1;
  }

  uint32(): number {
    return this.raw(4).readUInt32BE();
  }

  uint64(): bigint {
    return this.raw(8).readBigUInt64BE();
  }

  /** A string's bytes. Throws `too-long` beyond `bytesMax`, else `truncated` beyond the end. */
  string(bytesMax = Infinity): Buffer {
    const length = this.uint32();
    if (length > bytesMax) this.#refuse("too-long", `string of ${length} bytes, at most ${bytesMax}`);
    return this.raw(length);
  }

  /** A string of UTF-8 without NUL; may hold other control characters. Throws `invalid-text`. */
  text(bytesMax = Infinity): string {
    const bytes = this.string(bytesMax);
    if (!isUtf8(bytes) || bytes.includes(0)) this.#refuse("invalid-text", "not UTF-8, or with NUL");
    return bytes.toString("utf8");
  }

  /**
   * A multiple precision integer that is not negative, as its big-endian magnitude without leading zeros (zero is
   * empty). Throws `invalid-integer` for a negative or non-minimal one, `too-long` beyond `bytesMax` of magnitude.
   */
  mpint(bytesMax: number): Buffer {
    const bytes = this.string(bytesMax + 1); // one more for the zero that keeps it positive
    const [first, second] = bytes;
    if (first === undefined) return bytes;
    if (first >= 0x80) this.#refuse("invalid-integer", "negative");
    if (first !== 0 && bytes.length > bytesMax) this.#refuse("too-long", `integer over ${bytesMax} bytes`);
    if (first !== 0) return bytes;
    if (second === undefined || second < 0x80) this.#refuse("invalid-integer", "non-minimal");
    return bytes.subarray(1);
  }

  /** Says that nothing may follow. Throws `trailing-bytes`. */
  end(): void {
    if (this.remaining > 0) this.#refuse("trailing-bytes", `${this.remaining} bytes left over`);
  }

  /** The error to throw. */
  protected refusal(code: WireErrorCode, message: string): Error {
    return new WireError(code, message);
  }

  #refuse(code: WireErrorCode, what: string): never {
    throw this.refusal(code, `${what} at byte ${this.#position} of ${this.#bytes.length}`);
  }
}
