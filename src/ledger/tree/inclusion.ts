import { LedgerError } from "../ledger-error.js";
import { HASH_BYTES, nodeHash } from "./hash.js";
import { splitOf } from "./subtrees.js";
import type { ReadTile } from "./tile.js";
import { TiledTree } from "./tiled-tree.js";

/**
 * The hashes by which leaf `index` leads to the root of the tree of `size` leaves, the leaf's sibling first: PATH(m, D[n])
 * of RFC 6962 section 2.1.1. Throws LedgerError `proof-invalid` unless 0 ≤ index < size, and as `TiledTree` does.
 */
export async function proveInclusion(read: ReadTile, index: number, size: number): Promise<Buffer[]> {
  checkIndex(index, size);
  const tree = new TiledTree(read, size);
  const path: Promise<Buffer>[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push(tree.range(middle, to));
      to = middle;
    } else {
      path.push(tree.range(from, middle));
      from = middle;
    }
  }
  return (await Promise.all(path)).reverse();
}

/** What `verifyInclusion` is asked: that `leaf`, a leaf hash, is number `index` of the `size` leaves under `root`. */
export interface InclusionClaim {
  readonly leaf: Buffer;
  readonly index: number;
  readonly size: number;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/** Proves the claim or throws LedgerError `proof-invalid` (RFC 9162 section 2.1.3.2). */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): void {
  checkIndex(index, size);
  checkHashes([leaf, root, ...proof]);
  let [node, last] = [index, size - 1];
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) throw invalid("too long");
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw invalid("too short");
  if (!hash.equals(root)) throw invalid("not of this leaf and root");
}

/** Hashes of another length could move a boundary between two of them. */
export function checkHashes(hashes: readonly Buffer[]): void {
  if (!hashes.every((hash) => hash.length === HASH_BYTES)) throw invalid("a hash that is not 32 bytes long");
}

/** A proof's number without its lowest bit. */
export function half(count: number): number {
  return Math.floor(count / 2);
}

export function invalid(what: string): LedgerError {
  return new LedgerError("proof-invalid", `the proof does not hold: ${what}`);
}

function checkIndex(index: number, size: number): void {
  const isIn = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
  if (!isIn) throw invalid(`no leaf ${index} among ${size}`);
}
