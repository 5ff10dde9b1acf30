/** A complete subtree: the leaves from `index × 2^height` up to, not including, `(index + 1) × 2^height`. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/**
 * The complete subtrees that make up the leaves from `from` up to, not including, `to`, from left to right: as few as
 * there can be. `from` is where RFC 6962's split of a tree of at least `to` leaves can put the start of a range, so the
 * heights only fall. Numbers, not 32-bit operators: a tree may have 2^53 - 1 leaves.
 */
export function subtreesOf(from: number, to: number): Subtree[] {
  const subtrees: Subtree[] = [];
  let start = from;
  while (start < to) {
    const height = heightOf(to - start);
    subtrees.push({ height, index: start / 2 ** height });
    start += 2 ** height;
  }
  return subtrees;
}

/** The largest h with 2^h ≤ `count`. `count` is at least 1. */
export function heightOf(count: number): number {
  let height = 0;
  for (let rest = count; rest >= 2; rest = Math.floor(rest / 2)) height += 1;
  return height;
}

/** Where RFC 6962 splits a tree of `count` leaves: the largest power of two smaller than `count`, which is at least 2. */
export function splitOf(count: number): number {
  return 2 ** heightOf(count - 1);
}
