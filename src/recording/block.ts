import { magic } from "./chain.js";
import { framePayloadBytesMax } from "./frame.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

/** What a block is. Kinds from 0x10 to 0x17 are sealed frames, with the bits of {@link SealedBit}. */
export const BlockKind = { header: 0x01, keys: 0x02, substitute: 0x03, sealed: 0x10 } as const;

/** What is special about a sealed block. */
export const SealedBit = {
  /** The frames were deflated (RFC 1951) before they were sealed. */
  deflated: 0x01,
  /** Sealed with the second key, the one for what was typed unseen. */
  apart: 0x02,
  /** Holds the end frame; nothing follows. */
  last: 0x04,
} as const;

/** AES-GCM's tag behind the ciphertext. */
export const tagBytes = 16;
/** Frames of one block before sealing: one frame of the longest kind must fit. */
export const plainBytesMax = framePayloadBytesMax + 32;
/** The part of a block after its kind. */
export const blockBodyBytesMax = plainBytesMax + tagBytes;
/** What stands before the body: its length (at most 2^21) and the kind. */
export const blockPrefixBytesMax = 4;

/** A block as the file holds it. */
export interface Block {
  kind: number;
  /** The whole block: length, kind, body. A view. */
  bytes: Buffer;
  /** A view into `bytes`. */
  body: Buffer;
  /** Where in the file it begins. */
  offset: number;
}

export function isSealed(kind: number): boolean {
  return (kind & ~0x07) === BlockKind.sealed;
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
    if (!isSealed(kind) && (kind < BlockKind.header || kind > BlockKind.substitute))
      throw new RecordingError("block-kind-unknown", `no block has kind ${kind}`);
    const body = cursor.take(bodyBytes);
    if (body === undefined) return undefined;
    const block = { kind, bytes: this.#rest.subarray(0, cursor.at), body, offset: this.#offset };
    this.#drop(cursor.at);
    return block;
  }

  #drop(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes);
    this.#offset += bytes;
  }
}
