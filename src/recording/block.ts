import { blockBodyBytesMax, tagBytes } from "./block-limits.js";
import { magic } from "./chain.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { streamMark, takeChunks } from "./stream-chunk.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

export { blockBodyBytesMax, blockPrefixBytesMax, plainBytesMax, tagBytes } from "./block-limits.js";

/**
 * What a block is. Kinds from 0x10 on are sealed frames, with the bits of {@link SealedBit}; a stream is written as it
 * grows.
 */
export const BlockKind = { header: 0x01, keys: 0x02, substitute: 0x03, sealed: 0x10, stream: 0x20 } as const;

/** What is special about a sealed block. */
export const SealedBit = {
  /** The frames were deflated (RFC 1951) before they were sealed. */
  deflated: 0x01,
  /** Holds the end frame; nothing follows. */
  last: 0x02,
} as const;

/** A block as the file holds it. */
export interface Block {
  kind: number;
  /** The whole block: length, kind, body. A view. */
  bytes: Buffer;
  /** A view into `bytes`: what follows the kind. */
  body: Buffer;
  /** Where in the file it begins. */
  offset: number;
  /** A stream block that still grows, as far as it is there; only for who follows. */
  unfinished?: true;
}

export function isSealed(kind: number): boolean {
  return (kind & ~0x03) === BlockKind.sealed;
}

/** Whether bytes that are not yet a whole block begin a stream block. */
export function isUnfinishedStream(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === streamMark && bytes[1] === BlockKind.stream;
}

/** True for what holds frames: sealed at once, or as they came. */
export function holdsFrames(kind: number): boolean {
  return isSealed(kind) || kind === BlockKind.stream;
}

/** Writes a block's length and kind and returns the offset of the body. */
export function writeBlockPrefix(target: Buffer, at: number, kind: number, bodyBytes: number): number {
  at = writeVarint(target, at, bodyBytes);
  target[at++] = kind;
  return at;
}

/** A whole block of a kind that is not sealed. */
export function encodeBlock(kind: number, body: Buffer): Buffer {
  const prefix = Buffer.alloc(varintBytesMax + 1);
  return Buffer.concat([prefix.subarray(0, writeBlockPrefix(prefix, 0, kind, body.length)), body]);
}

/**
 * Cuts a recording's bytes, which come in pieces of any size, into blocks. Looks at lengths and kinds only; knows no
 * key, no order and no chain.
 */
export class BlockSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #offset = 0;
  #begun = false;

  /** Bytes that are not yet a whole block. */
  get pending(): Buffer {
    return this.#rest;
  }

  /** Where in the file the next block begins. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes the next bytes of the file. They are not copied when nothing is left over, and must not change. */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  /**
   * The next whole block, or undefined until more is pushed.
   * @throws RecordingError `not-a-recording`, `varint-invalid`, `block-too-long`, `block-kind-unknown`
   */
  next(): Block | undefined {
    if (!this.#begun && !this.#takeMagic()) return undefined;
    return placedAt(this.#offset, () => this.#takeBlock());
  }

  /** What is there of a stream block that still grows; undefined where the next block is none. */
  unfinished(): Block | undefined {
    const bytes = this.#rest;
    if (!isUnfinishedStream(bytes)) return undefined;
    return { kind: BlockKind.stream, bytes, body: bytes.subarray(2), offset: this.#offset, unfinished: true };
  }

  #takeMagic(): boolean {
    const known = Math.min(this.#rest.length, magic.length);
    if (!this.#rest.subarray(0, known).equals(magic.subarray(0, known)))
      throw new RecordingError("not-a-recording", "this is not a bascule recording of version 1", {
        offset: 0,
      });
    if (known < magic.length) return false;
    this.#drop(magic.length);
    return (this.#begun = true);
  }

  #takeBlock(): Block | undefined {
    const cursor = new ByteCursor(this.#rest);
    const bodyBytes = cursor.varint();
    if (bodyBytes === undefined) return undefined;
    if (bodyBytes > blockBodyBytesMax) throw new RecordingError("block-too-long", "a block is too long");
    const kind = cursor.byte();
    if (kind === undefined) return undefined;
    if (bodyBytes === streamMark ? kind !== BlockKind.stream : !isKnown(kind))
      throw new RecordingError("block-kind-unknown", `a block of kind ${kind}`);
    const bodyAt = cursor.at;
    if (bodyBytes === streamMark ? !takeStream(cursor) : cursor.take(bodyBytes) === undefined)
      return undefined;
    const bytes = this.#rest.subarray(0, cursor.at);
    const block = { kind, bytes, body: bytes.subarray(bodyAt), offset: this.#offset };
    this.#drop(cursor.at);
    return block;
  }

  #drop(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    this.#offset += bytes;
  }
}

function isKnown(kind: number): boolean {
  return isSealed(kind) || (kind >= BlockKind.header && kind <= BlockKind.substitute);
}

/** Goes past a stream block's chunks and tag; false when it is not all there. */
function takeStream(cursor: ByteCursor): boolean {
  return takeChunks(cursor).closed && cursor.take(tagBytes) !== undefined;
}
