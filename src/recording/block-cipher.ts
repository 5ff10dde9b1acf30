import { createCipheriv, createDecipheriv, timingSafeEqual, type Cipher } from "node:crypto";
import { isSealed, tagBytes, writeBlockPrefix, type Block } from "./block.js";
import type { Chain } from "./chain.js";
import { allocateKey, dataKeyBytes } from "./key-memory.js";
import { RecordingError } from "./recording-error.js";
import { releaseBytes } from "./release-bytes.js";

/** The first four bytes of a nonce: what it is for. So no two uses of one key share a nonce. */
const use = { seal: 0, stream: 1, tag: 2 } as const;

/**
 * Seals and opens blocks with one AES-256 key. The nonce is the block's number, so a key must never seal two blocks of
 * one number: one recording, one key, one writer. The authenticated data binds the block to its kind, its place, all
 * that came before it, and the session: `head hash ‖ uint64 number ‖ kind ‖ session id`.
 */
export class BlockCipher {
  readonly #key: Buffer;
  readonly #nonce = Buffer.alloc(12);
  readonly #associated: Buffer;

  /** Copies the key; {@link wipe} forgets it. */
  constructor(key: Buffer, session: string) {
    if (key.length !== dataKeyBytes) throw new TypeError(`a data key has ${dataKeyBytes} bytes`);
    this.#key = allocateKey();
    this.#key.set(key);
    this.#associated = Buffer.concat([Buffer.alloc(32 + 8 + 1), Buffer.from(session)]);
  }

  /**
   * Writes the sealed block that comes next in `chain` to the beginning of `target`, which has room, and returns its
   * length. Does not advance the chain: that is for when it was written.
   */
  seal(kind: number, plain: Buffer, chain: Chain, target: Buffer): number {
    const at = writeBlockPrefix(target, 0, kind, plain.length + tagBytes);
    this.#bind(use.seal, kind, chain);
    const cipher = createCipheriv("aes-256-gcm", this.#key, this.#nonce, { authTagLength: tagBytes });
    cipher.setAAD(this.#associated);
    const sealed = cipher.update(plain);
    target.set(sealed, at);
    releaseBytes(sealed);
    cipher.final();
    target.set(cipher.getAuthTag(), at + plain.length);
    return at + plain.length + tagBytes;
  }

  /**
   * What was sealed, for the block that comes next in `chain`. Nothing of the result is unproven.
   * @throws RecordingError `block-forged`
   */
  open(block: Block, chain: Chain): Buffer {
    if (!isSealed(block.kind) || block.body.length < tagBytes)
      throw new RecordingError("block-forged", "a block is too short to be sealed", { offset: block.offset });
    this.#bind(use.seal, block.kind, chain);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nonce, { authTagLength: tagBytes });
    decipher.setAAD(this.#associated);
    decipher.setAuthTag(block.body.subarray(-tagBytes));
    const plain = decipher.update(block.body.subarray(0, -tagBytes));
    try {
      decipher.final();
    } catch (cause) {
      throw forged(block.offset, cause);
    }
    return plain;
  }

  /**
   * AES-256-CTR for the chunks of the stream block that comes next in `chain`, this key's in their order. It proves
   * nothing: {@link tag} does. The same stream opens what it sealed.
   */
  stream(chain: Chain): Cipher {
    this.#bind(use.stream, 0, chain);
    return createCipheriv("aes-256-ctr", this.#key, Buffer.concat([this.#nonce, Buffer.alloc(4)]));
  }

  /** GMAC over a stream block's bytes, its end mark included; the block comes next in `chain`. */
  tag(kind: number, bytes: Buffer, chain: Chain): Buffer {
    this.#bind(use.tag, kind, chain);
    const mac = createCipheriv("aes-256-gcm", this.#key, this.#nonce, { authTagLength: tagBytes });
    mac.setAAD(Buffer.concat([this.#associated, bytes]));
    mac.final();
    return mac.getAuthTag();
  }

  /** Checks a whole stream block's tag. @throws RecordingError `block-forged` */
  verifyTag({ kind, bytes, offset }: Block, chain: Chain): void {
    const made = this.tag(kind, bytes.subarray(0, -tagBytes), chain);
    if (!timingSafeEqual(made, bytes.subarray(-tagBytes))) throw forged(offset);
  }

  /** Forgets the key. A cipher that was wiped seals nothing that could be opened, so nobody may use it. */
  wipe(): void {
    this.#key.fill(0);
  }

  #bind(purpose: number, kind: number, chain: Chain): void {
    this.#nonce.writeUInt32BE(purpose, 0);
    this.#nonce.writeUInt32BE(Math.floor(chain.blocks / 2 ** 32), 4);
    this.#nonce.writeUInt32BE(chain.blocks >>> 0, 8);
    this.#associated.set(chain.hash, 0);
    this.#associated.set(this.#nonce.subarray(4), 32);
    this.#associated[40] = kind;
  }
}

function forged(offset: number, cause?: unknown): RecordingError {
  return new RecordingError("block-forged", "a block's seal is broken", { offset, cause });
}
