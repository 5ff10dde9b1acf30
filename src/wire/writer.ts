/** Writes the data types of RFC 4251 section 5, minimally. Buffers given to it are copied by `finish`, not before. */
export class WireWriter {
  readonly #chunks: Uint8Array[] = [];

  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): this {
    this.#chunks.push(bytes);
    return this;
  }

  byte(value: number): this {
    return this.raw(Buffer.of(value));
  }

  boolean(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  uint32(value: number): this {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(value);
    return this.raw(bytes);
  }

  uint64(value: bigint): this {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigUInt64BE(value);
    return this.raw(bytes);
  }

  /** A string; text as UTF-8. */
  string(value: Uint8Array | string): this {
    const bytes = typeof value === "string" ? Buffer.from(value, "utf8") : value;
    return this.uint32(bytes.length).raw(bytes);
  }

  /** A name-list: names are ASCII without commas. */
  nameList(names: readonly string[]): this {
    return this.string(names.join(","));
  }

  /** An integer that is not negative, given as a big-endian magnitude; leading zeros are dropped. */
  mpint(magnitude: Uint8Array): this {
    const start = magnitude.findIndex((byte) => byte !== 0);
    if (start < 0) return this.uint32(0);
    const bytes = magnitude.subarray(start);
    const [first = 0] = bytes;
    if (first < 0x80) return this.string(bytes);
    return this.uint32(bytes.length + 1)
      .byte(0)
      .raw(bytes);
  }

  finish(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
