import type { Cipher } from "node:crypto";
import type { BlockCipher } from "./block-cipher.js";
import { plainBytesMax, type Block } from "./block.js";
import type { Chain } from "./chain.js";
import { inflateFrames } from "./deflate.js";
import { decodeFrames } from "./frame-rows.js";
import type { Frame } from "./frame.js";
import { RecordingError } from "./recording-error.js";
import { ChunkBit, streamBytesMax, takeChunks, type Chunk } from "./stream-chunk.js";
import { decodeTyped, nothingTyped, type TypedBefore } from "./typed-chunk.js";
import { ByteCursor } from "./varint.js";

/** A recording's keys, as far as the reader has them. */
export interface Ciphers {
  readonly data: BlockCipher;
  readonly apart: BlockCipher | undefined;
}

/** What a stream block holds. */
export interface OpenedStream {
  /** In the order of their times. */
  readonly frames: Frame[];
  /** Something was typed that needs the second key. */
  readonly withheld: boolean;
}

/**
 * Opens the whole stream block that comes next in `chain`. Nothing of the result is unproven.
 * @throws RecordingError `block-forged`, and whatever its chunks are not
 */
export function openStream(block: Block, chain: Chain, ciphers: Ciphers): OpenedStream {
  ciphers.data.verifyTag(block, chain);
  const { chunks } = takeChunks(new ByteCursor(block.body));
  return new StreamOpening(chain, ciphers).open(chunks);
}

/**
 * Opens what is there of a stream block that still grows, or that its writer did not live to finish: whole chunks, which
 * no tag proves. With `live` only up to the last chunk behind which nothing earlier can come.
 */
export function openUnfinished(bytes: Buffer, chain: Chain, ciphers: Ciphers, live: boolean): OpenedStream {
  const { chunks } = takeChunks(new ByteCursor(bytes, 2));
  const settled = chunks.findLastIndex(({ bits }) => (bits & ChunkBit.apart) === 0) + 1;
  return new StreamOpening(chain, ciphers).open(live ? chunks.slice(0, settled) : chunks);
}

class StreamOpening {
  readonly #data: Cipher;
  readonly #apart: Cipher | undefined;
  #before: Buffer[] = [];
  #plainBytes = 0;
  #dataMs = 0;
  #typed: TypedBefore = nothingTyped;

  constructor(chain: Chain, { data, apart }: Ciphers) {
    this.#data = data.stream(chain);
    this.#apart = apart?.stream(chain);
  }

  open(chunks: readonly Chunk[]): OpenedStream {
    const frames = chunks.flatMap((chunk) => this.#open(chunk));
    // Output waits while input is written at once. Sorting keeps the order of what is at the same time.
    frames.sort((one, other) => one.atUs - other.atUs);
    const withheld = this.#apart === undefined && chunks.some(({ bits }) => (bits & ChunkBit.apart) !== 0);
    return { frames, withheld };
  }

  #open({ bits, bytes }: Chunk): Frame[] {
    if ((bits & ChunkBit.apart) !== 0) return this.#openTyped(bytes);
    const sealed = this.#data.update(bytes);
    const plain = (bits & ChunkBit.deflated) === 0 ? sealed : inflateFrames(sealed, this.#before);
    if (plain.length > plainBytesMax) throw new RecordingError("block-too-long", "a chunk is too long");
    if ((this.#plainBytes += plain.length) > streamBytesMax)
      throw new RecordingError("block-too-long", "a stream block inflates beyond its limit");
    const frames = decodeFrames(plain, this.#dataMs);
    this.#before.push(plain);
    this.#dataMs = (frames.at(-1)?.atUs ?? 0) / 1000;
    return frames;
  }

  #openTyped(bytes: Buffer): Frame[] {
    if (this.#apart === undefined) return [];
    const frame = decodeTyped(this.#apart.update(bytes), this.#typed);
    this.#typed = { channel: frame.channel, atMs: frame.atUs / 1000 };
    return [frame];
  }
}
