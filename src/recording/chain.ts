import { hash } from "node:crypto";

/** The first bytes of every recording; the last of them tells versions apart. */
export const magic = Buffer.from("bascule-recording-v1\n", "latin1");

/** How far a recording goes, and the one hash that stands for all of it. What the ledger keeps. */
export interface Head {
  /** Length of the file up to here as it was written, in bytes; a substitute counts as what it stands for. */
  bytes: number;
  /** Blocks up to here; the header is the first. */
  blocks: number;
  /** 64 lower-case hexadecimal digits. */
  hash: string;
  /** What a dead writer left behind the last whole block; only of a session that was interrupted. */
  torn?: Torn;
}

/** Bytes of an unfinished block at a recording's end, and their SHA-256 in hexadecimal. */
export interface Torn {
  bytes: number;
  hash: string;
}

/**
 * The running hash of a recording: head₀ is 32 zero bytes, headₙ₊₁ = SHA-256(headₙ ‖ SHA-256(blockₙ)), over what
 * the file holds. Hashing the block's hash instead of the block lets a redacted block be left out and still counted.
 */
export class Chain {
  #bytes = magic.length;
  #blocks = 0;
  #hash: Buffer = Buffer.alloc(32);

  /** The number of the next block. */
  get blocks(): number {
    return this.#blocks;
  }

  /** The head's hash, which the next block's seal binds. Not to be changed. */
  get hash(): Buffer {
    return this.#hash;
  }

  /** Goes on by one block, of which only length and SHA-256 are needed. */
  advance(blockBytes: number, blockHash: Buffer): void {
    this.#hash = sha256(Buffer.concat([this.#hash, blockHash]));
    this.#bytes += blockBytes;
    this.#blocks++;
  }

  head(): Head {
    return { bytes: this.#bytes, blocks: this.#blocks, hash: this.#hash.toString("hex") };
  }

  /** The head inside of the next block, of which only `begun` is there yet: as if the block ended with that. */
  headInside(begun: Buffer): Head {
    const hash = sha256(Buffer.concat([this.#hash, sha256(begun)])).toString("hex");
    return { bytes: this.#bytes + begun.length, blocks: this.#blocks + 1, hash };
  }
}

/** SHA-256 in one call: a hash object for each block is measurable on the hot path. */
export function sha256(bytes: Buffer): Buffer {
  return hash("sha256", bytes, "buffer");
}
