import {
  frontierOf,
  parseCheckpoint,
  parseNote,
  proveConsistency,
  verifyConsistency,
  type Checkpoint,
  type Frontier,
  type Ledger,
} from "../../ledger/index.js";

/** What proves the ledger. Its checkpoint is one that the ledger signed itself, or has verified when it was opened. */
export type TreeProof = Pick<Ledger<unknown>, "checkpoint" | "tiles">;

/** What the newest checkpoint says. */
export function signedTree({ checkpoint }: TreeProof): Checkpoint {
  return parseCheckpoint(parseNote(checkpoint).text);
}

/**
 * The tree of the first `size` entries, proven to be how the newest checkpoint's began: not by the tiles, which somebody may have
 * written, but by the root that was signed. Throws LedgerError `tile-invalid`, `proof-invalid`.
 */
export async function treeAt(ledger: TreeProof, size: number): Promise<Frontier> {
  const signed = signedTree(ledger);
  const tree = await frontierOf(ledger.tiles, size);
  const proof = await proveConsistency(ledger.tiles, size, signed.size);
  verifyConsistency({ oldSize: size, oldRoot: tree.root(), size: signed.size, root: signed.root, proof });
  return tree;
}
