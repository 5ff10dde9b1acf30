import { BlockKind, holdsFrames, isSealed, SealedBit, type Block } from "./block.js";
import { Chain, sha256, type Head, type Torn } from "./chain.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { decodeSubstitute, TORN_KIND, type Substitute } from "./substitute.js";

/** A block at its place: what it is or stands for, and its number. */
export interface Step {
  number: number;
  /** The block's kind; for a substitute the kind of what it stands for. */
  kind: number;
  block: Block;
  substitute: Substitute | undefined;
}

/**
 * Goes along a recording's blocks, holds their order to v1, and keeps the chain. Needs no key: both the reader and
 * the verifier walk with it.
 */
export class Walk {
  /** The chain before the block that was entered last, until {@link leave}. */
  readonly chain = new Chain();
  #ended = false;
  #tornGone: Torn | undefined;

  /** True once the last block, the one with the end frame, was left. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What a dead writer left, when it was taken out: nothing follows it. */
  get tornGone(): Torn | undefined {
    return this.#tornGone;
  }

  /** Whether nothing may follow. */
  get isOver(): boolean {
    return this.#ended || this.#tornGone !== undefined;
  }

  /**
   * Looks at the next block without advancing the chain, so that its seal can be opened against it.
   * @throws RecordingError `block-order` or `substitute-invalid`
   */
  enter(block: Block): Step {
    const { offset } = block;
    const substitute =
      block.kind === BlockKind.substitute ? placedAt(offset, () => decodeSubstitute(block.body)) : undefined;
    const kind = substitute?.kind ?? block.kind;
    const number = this.chain.blocks;
    const due =
      number === 0
        ? kind === BlockKind.header
        : number === 1
          ? kind === BlockKind.keys
          : holdsFrames(kind) || kind === TORN_KIND;
    if (!due || this.isOver)
      throw new RecordingError("block-order", "a block where it must not be", { offset });
    return { number, kind, block, substitute };
  }

  /** Goes past the block. */
  leave({ block, substitute, kind }: Step): void {
    if (substitute !== undefined && kind === TORN_KIND) {
      this.#tornGone = { bytes: substitute.bytes, hash: substitute.hash.toString("hex") };
      return;
    }
    this.chain.advance(substitute?.bytes ?? block.bytes.length, substitute?.hash ?? sha256(block.bytes));
    if (isSealed(kind) && (kind & SealedBit.last) !== 0) this.#ended = true;
  }

  head(): Head {
    return this.chain.head();
  }
}
