import type { Cipher } from "node:crypto";
import type { BlockCipher } from "./block-cipher.js";
import { BlockKind, tagBytes } from "./block.js";
import { sha256, type Chain, type Head } from "./chain.js";
import { deflateFrames } from "./deflate.js";
import type { Frame } from "./frame.js";
import type { OpenBlock } from "./open-block.js";
import { ChunkBit, chunkHeadBytesMax, streamMark, writeChunkHead } from "./stream-chunk.js";
import { encodeTyped, nothingTyped, type TypedBefore } from "./typed-chunk.js";

/** A stream block of so many bytes, or that shows so many, is full: what is in it is held in memory until its end. */
const fullFromBytes = 16 * 1024;
const fullFromShownBytes = 64 * 1024;
/** What most stream blocks fit into. */
const firstBytes = 2 * 1024;

/**
 * A block that is written as it grows, chunk by chunk: what is typed apart, and now and then what was shown. Its place is
 * the next in the chain. What it gives to be written counts only once {@link written} was called.
 */
export class StreamBlock {
  readonly #data: BlockCipher;
  readonly #chain: Chain;
  readonly #dataStream: Cipher;
  readonly #apartStream: Cipher;
  #wiped = false;
  /** The block as the file holds it, and what is to follow. */
  #bytes = Buffer.allocUnsafe(firstBytes);
  #end = 0;
  #written = 0;
  /** Frames of its data chunks, which later ones are deflated against. */
  #before: Buffer[] = [];
  #shownBytes = 0;
  #dataMs = 0;
  #typed: TypedBefore = nothingTyped;

  constructor(data: BlockCipher, apart: BlockCipher, chain: Chain) {
    this.#data = data;
    this.#chain = chain;
    this.#dataStream = data.stream(chain);
    this.#apartStream = apart.stream(chain);
    this.#bytes[this.#end++] = streamMark;
    this.#bytes[this.#end++] = BlockKind.stream;
  }

  get bytes(): number {
    return this.#end;
  }

  get isFull(): boolean {
    return this.#end >= fullFromBytes || this.#shownBytes >= fullFromShownBytes;
  }

  /** Adds what the client typed, and gives what is to be written. */
  addTyped(frame: Frame): Buffer {
    const plain = encodeTyped(frame, this.#typed);
    this.#typed = { channel: frame.channel, atMs: Math.floor(frame.atUs / 1000) };
    return this.#add(ChunkBit.apart, plain, this.#apartStream);
  }

  /** Adds all that waits in `open`, and gives what is to be written. */
  addFrames(open: OpenBlock): Buffer {
    const plain = open.plain(this.#dataMs);
    const packed = open.terminalOnly ? deflateFrames(plain, this.#before) : undefined;
    this.#dataMs = open.lastMs;
    this.#before.push(Buffer.from(plain));
    this.#shownBytes += plain.length;
    return packed === undefined
      ? this.#add(0, plain, this.#dataStream)
      : this.#add(ChunkBit.deflated, packed, this.#dataStream);
  }

  /** The end mark and the tag, to be written. */
  finish(): Buffer {
    this.#reserve(1 + tagBytes);
    this.#bytes[this.#end++] = streamMark;
    this.#bytes.set(
      this.#data.tag(BlockKind.stream, this.#bytes.subarray(0, this.#end), this.#chain),
      this.#end,
    );
    this.#end += tagBytes;
    return this.#unwritten();
  }

  /** All that was given so far is written. */
  written(): void {
    this.#written = this.#end;
  }

  /** How far the file holds it: a head inside of this block. */
  head(): Head {
    return this.#chain.headInside(this.#bytes.subarray(0, this.#written));
  }

  /** SHA-256 of the whole block. */
  hash(): Buffer {
    return sha256(this.#bytes.subarray(0, this.#end));
  }

  /** Forgets what was shown, and the ciphers' states with their keys. */
  wipe(): void {
    if (this.#wiped) return;
    this.#wiped = true;
    for (const plain of this.#before) plain.fill(0);
    this.#before = [];
    for (const stream of [this.#dataStream, this.#apartStream]) stream.final();
  }

  #add(bits: number, plain: Buffer, stream: Cipher): Buffer {
    this.#reserve(chunkHeadBytesMax + plain.length);
    this.#end = writeChunkHead(this.#bytes, this.#end, bits, plain.length);
    this.#bytes.set(stream.update(plain), this.#end);
    this.#end += plain.length;
    if (bits !== 0) plain.fill(0); // a copy of our own
    return this.#unwritten();
  }

  #unwritten(): Buffer {
    return this.#bytes.subarray(this.#written, this.#end);
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + more));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }
}
