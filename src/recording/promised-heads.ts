import { sha256, type Head, type Torn } from "./chain.js";
import { RecordingError } from "./recording-error.js";
import type { Walk } from "./walk.js";

export function tornOf(bytes: Buffer): Torn {
  return { bytes: bytes.length, hash: sha256(bytes).toString("hex") };
}

/**
 * Heads that a recording must have: each is struck off where the chain comes to it. A live session promises one each
 * second, so they are found by their number of blocks.
 */
export class PromisedHeads {
  readonly #due = new Map<number, Head[]>();

  constructor(promised: readonly Head[]) {
    for (const head of promised) {
      const same = this.#due.get(head.blocks);
      if (same === undefined) this.#due.set(head.blocks, [head]);
      else same.push(head);
    }
  }

  /**
   * Checks the heads inside of the next block, before the walk leaves it; `block` is undefined for one
   * that was taken out. Its heads nobody can check; those behind it still hold its hash. @throws RecordingError `head-mismatch`
   */
  enter(walk: Walk, block: Buffer | undefined, blockBytes: number): void {
    if (!this.#due.has(walk.chain.blocks + 1)) return;
    const end = walk.head().bytes + blockBytes;
    const isMeant = (head: Head): boolean => head.bytes < end;
    this.#take(
      walk.chain.blocks + 1,
      isMeant,
      (head) => block === undefined || this.#isInside(head, walk, block),
    );
  }

  /** Checks the heads at the walk's place. @throws RecordingError `head-mismatch` */
  reach(walk: Walk): void {
    const { blocks, bytes, hash } = walk.head();
    const isHere = (head: Head): boolean => head.torn === undefined;
    this.#take(blocks, isHere, (head) => head.hash === hash && head.bytes === bytes);
  }

  /**
   * Checks what is left against the bytes of the file's end, or against what stands for them when they were taken out: heads
   * inside of them nobody can check then. @throws RecordingError `head-mismatch`
   */
  finish(walk: Walk, rest: Buffer): void {
    const { blocks, bytes, hash } = walk.head();
    const torn = walk.tornGone ?? tornOf(rest);
    this.#take(
      blocks,
      () => true,
      (head) =>
        head.hash === hash &&
        head.bytes === bytes &&
        head.torn?.bytes === torn.bytes &&
        head.torn.hash === torn.hash,
    );
    this.#take(
      blocks + 1,
      () => true,
      (head) =>
        walk.tornGone === undefined
          ? this.#isInside(head, walk, rest)
          : head.bytes > bytes && head.bytes <= bytes + torn.bytes,
    );
    if (this.#due.size > 0) throw mismatch("the file is shorter than was promised", bytes);
  }

  #isInside(head: Head, walk: Walk, block: Buffer): boolean {
    const length = head.bytes - walk.head().bytes;
    return (
      length > 0 &&
      length <= block.length &&
      walk.chain.headInside(block.subarray(0, length)).hash === head.hash
    );
  }

  #take(blocks: number, isMeant: (head: Head) => boolean, holds: (head: Head) => boolean): void {
    const meant: Head[] = [];
    const others: Head[] = [];
    for (const head of this.#due.get(blocks) ?? []) (isMeant(head) ? meant : others).push(head);
    if (others.length > 0) this.#due.set(blocks, others);
    else this.#due.delete(blocks);
    const broken = meant.find((head) => !holds(head));
    if (broken !== undefined) throw mismatch("the chain is not the one that was promised", broken.bytes);
  }
}

function mismatch(message: string, offset: number): RecordingError {
  return new RecordingError("head-mismatch", message, { offset });
}
