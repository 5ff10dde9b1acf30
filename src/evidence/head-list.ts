import type { Head } from "../recording/index.js";

/** Length and blocks as doubles, which hold 2^53, and 32 bytes of hash. */
const HEAD_BYTES = 8 + 8 + 32;
const HEADS_AT_FIRST = 4;

/** The heads that the ledger promised of one recording, in 48 bytes each: a session of a day has one for each second. */
export class HeadList {
  #bytes = Buffer.alloc(HEADS_AT_FIRST * HEAD_BYTES);
  #count = 0;
  /** The furthest of them. */
  last: Head | undefined;

  get size(): number {
    return this.#count;
  }

  add({ bytes, blocks, hash }: Head): void {
    if ((this.#count + 1) * HEAD_BYTES > this.#bytes.length)
      this.#bytes = Buffer.concat([
        this.#bytes,
        Buffer.alloc(Math.max(this.#bytes.length, HEADS_AT_FIRST * HEAD_BYTES)),
      ]);
    const at = this.#count * HEAD_BYTES;
    this.#bytes.writeDoubleBE(bytes, at);
    this.#bytes.writeDoubleBE(blocks, at + 8);
    this.#bytes.write(hash, at + 16, "hex");
    this.#count += 1;
    if (this.last === undefined || blocks >= this.last.blocks) this.last = { bytes, blocks, hash };
  }

  all(): Head[] {
    return Array.from({ length: this.#count }, (_, number) => {
      const at = number * HEAD_BYTES;
      return {
        bytes: this.#bytes.readDoubleBE(at),
        blocks: this.#bytes.readDoubleBE(at + 8),
        hash: this.#bytes.toString("hex", at + 16, at + HEAD_BYTES),
      };
    });
  }

  /** Forgets all but the furthest: they were found in the recording. */
  found(): void {
    this.#bytes = Buffer.alloc(0);
    this.#count = 0;
  }
}
