import { emptyRoot, nodeHash } from "./hash.js";
import { checkHashes, half, invalid } from "./inclusion.js";
import { splitOf } from "./subtrees.js";
import type { ReadTile } from "./tile.js";
import { TiledTree } from "./tiled-tree.js";

/**
 * The hashes by which the tree of `size` leaves shows that it begins with the tree of `oldSize`: PROOF(m, D[n]) of RFC 6962
 * section 2.1.2; none when `oldSize` is 0 or `size`. Reads only tiles of the tree of `size`. Throws LedgerError
 * `proof-invalid` unless 0 ≤ oldSize ≤ size, and as `TiledTree` does.
 */
export async function proveConsistency(read: ReadTile, oldSize: number, size: number): Promise<Buffer[]> {
  checkSizes(oldSize, size);
  if (oldSize === 0 || oldSize === size) return [];
  const tree = new TiledTree(read, size);
  const proof: Promise<Buffer>[] = [];
  let [from, to] = [0, size];
  while (to !== oldSize) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      proof.push(tree.range(middle, to));
      to = middle;
    } else {
      proof.push(tree.range(from, middle));
      from = middle;
    }
  }
  if (from !== 0) proof.push(tree.range(from, to)); // else it is the old root, which the verifier has
  return (await Promise.all(proof)).reverse();
}

/** What `verifyConsistency` is asked: that the `size` leaves under `root` begin with the `oldSize` under `oldRoot`. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Buffer;
  readonly size: number;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
}

/**
 * Proves the claim or throws LedgerError `proof-invalid` (RFC 9162 section 2.1.4.2). Equal sizes want equal roots, and
 * size 0 the root of the empty tree, each with no hash at all.
 */
export function verifyConsistency({ oldSize, oldRoot, size, root, proof }: ConsistencyClaim): void {
  checkSizes(oldSize, size);
  checkHashes([oldRoot, root, ...proof]);
  if (oldSize === 0 || oldSize === size) {
    if (proof.length > 0) throw invalid("too long");
    if (oldSize === 0 && !oldRoot.equals(emptyRoot)) throw invalid("not the root of the empty tree");
    if (oldSize === size && !oldRoot.equals(root)) throw invalid("two roots of the same size");
    return;
  }
  let [node, last] = [oldSize - 1, size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof; // node is 0: the old tree is one complete subtree
  if (first === undefined) throw invalid("too short");
  let [old, now] = [first, first];
  for (const hash of rest) {
    if (last === 0) throw invalid("too long");
    if (node % 2 === 1 || node === last) {
      old = nodeHash(hash, old);
      now = nodeHash(hash, now);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      now = nodeHash(now, hash);
    }
    [node, last] = [half(node), half(last)];
  }
  if (last !== 0) throw invalid("too short");
  if (!old.equals(oldRoot)) throw invalid("not of the old root");
  if (!now.equals(root)) throw invalid("not of the new root");
}

function checkSizes(oldSize: number, size: number): void {
  const isOrdered =
    Number.isSafeInteger(oldSize) && Number.isSafeInteger(size) && oldSize >= 0 && oldSize <= size;
  if (!isOrdered) throw invalid(`no way from size ${oldSize} to ${size}`);
}
