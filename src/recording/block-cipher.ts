import { createCipheriv, createDecipheriv } from "node:crypto";
import { isSealed, tagBytes, writeBlockPrefix, type Block } from "./block.js";
import type { Chain } from "./chain.js";
import { RecordingError } from "./recording-error.js";

/** Bytes of a data key. */
export const dataKeyBytes = 32;

/**
 * Seals and opens blocks with one AES-256-GCM key. The nonce is the block's number, so a key must never seal two
 * blocks of one number: one recording, one key, one writer. The authenticated data binds the block to its kind, its
 * place, all that came before it, and the session: `head hash ‖ uint64 number ‖ kind ‖ session id`.
 */
export class BlockCipher {
  readonly #key: Buffer;
  readonly #nonce = Buffer.alloc(12);
  readonly #associated: Buffer;

  /** Copies the key; {@link wipe} forgets it. */
  constructor(key: Buffer, session: string) {
    if (key.length !== dataKeyBytes) throw new TypeError(`a data key has ${dataKeyBytes} bytes`);
    this.#key = Buffer.from(key);
    this.#associated = Buffer.concat([Buffer.alloc(32 + 8 + 1), Buffer.from(session)]);
  }

  /**
   * Writes the sealed block that comes next in `chain` to the beginning of `target`, which has room, and returns its
   * length. Does not advance the chain: that is for when it was written.
   */
  seal(kind: number, plain: Buffer, chain: Chain, target: Buffer): number {
    const at = writeBlockPrefix(target, 0, kind, plain.length + tagBytes);
    this.#bind(kind, chain);
    const cipher = createCipheriv("aes-256-gcm", this.#key, this.#nonce, { authTagLength: tagBytes });
    cipher.setAAD(this.#associated);
    target.set(cipher.update(plain), at);
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
    this.#bind(block.kind, chain);
    const decipher = createDecipheriv("aes-256-gcm", this.#key, this.#nonce, { authTagLength: tagBytes });
    decipher.setAAD(this.#associated);
    decipher.setAuthTag(block.body.subarray(-tagBytes));
    const plain = decipher.update(block.body.subarray(0, -tagBytes));
    try {
      decipher.final();
    } catch (cause) {
      throw new RecordingError("block-forged", "a block's seal is broken", { offset: block.offset, cause });
    }
    return plain;
  }

  /** Forgets the key. A cipher that was wiped seals nothing that could be opened, so nobody may use it. */
  wipe(): void {
    this.#key.fill(0);
  }

  #bind(kind: number, chain: Chain): void {
    this.#nonce.writeUInt32BE(Math.floor(chain.blocks / 2 ** 32), 4);
    this.#nonce.writeUInt32BE(chain.blocks >>> 0, 8);
    this.#associated.set(chain.hash, 0);
    this.#associated.set(this.#nonce.subarray(4), 32);
    this.#associated[40] = kind;
  }
}
