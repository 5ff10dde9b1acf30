import { emptyRoot, HASH_BYTES, nodeHash } from "./hash.js";
import { subtreesOf } from "./subtrees.js";

/**
 * The right edge of a tree: the roots of the complete subtrees of its leaves, largest first ("compact range"). It is all
 * that is needed to go on appending: at most 53 hashes, one node hash a leaf on average.
 */
export class Frontier {
  #size: number;
  readonly #hashes: Buffer[];

  private constructor(size: number, hashes: Buffer[]) {
    this.#size = size;
    this.#hashes = hashes;
  }

  /** The frontier of a tree without leaves. */
  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /**
   * A frontier taken up again: `hashes` as `hashes` gave them at that size. Throws TypeError when their number is not
   * that of the complete subtrees of `size` leaves.
   */
  static of(size: number, hashes: readonly Buffer[]): Frontier {
    if (!Number.isSafeInteger(size) || size < 0) throw new TypeError(`not a size of a tree: ${size}`);
    const isHash = (hash: Buffer): boolean => hash.length === HASH_BYTES;
    if (hashes.length !== subtreesOf(0, size).length || !hashes.every(isHash))
      throw new TypeError(`not the frontier of ${size} leaves`);
    return new Frontier(size, [...hashes]);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** The roots of the complete subtrees, largest first. */
  get hashes(): readonly Buffer[] {
    return [...this.#hashes];
  }

  /** Adds a leaf by its hash. */
  append(leaf: Buffer): void {
    let hash = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#hashes.pop(); // there is one for each bit of the size that is set
      if (left !== undefined) hash = nodeHash(left, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  /** The root of the tree (RFC 6962 section 2.1). */
  root(): Buffer {
    return joinedRoot(this.#hashes);
  }

  /** One that goes its own way from here. */
  clone(): Frontier {
    return new Frontier(this.#size, [...this.#hashes]);
  }
}

/** The root over subtrees that `subtreesOf` gave, from their roots in the same order. */
export function joinedRoot(hashes: readonly Buffer[]): Buffer {
  return hashes.length === 0 ? emptyRoot : hashes.reduceRight((right, left) => nodeHash(left, right));
}
