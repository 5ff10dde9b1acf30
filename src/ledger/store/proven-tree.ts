import { rowValue } from "../entry-row.js";
import { LedgerError } from "../ledger-error.js";
import { HASH_BYTES, leafHash } from "../tree/hash.js";
import { completeRoot, hashesAt, tileHash, TILE_WIDTH, type ReadTile } from "../tree/tile.js";
import type { Row } from "./entry-store.js";
import type { TileEdge } from "./tile-edge.js";

/**
 * The tree under a root that is trusted, read from files that are not: each full tile is held against its hash in the tile
 * above, up to the edge, whose hashes make the root. `edge` must not change.
 */
export class ProvenTree {
  readonly #edge: TileEdge;
  readonly #read: ReadTile;
  /** Of each level the tile that was asked for last: who asks for leaves in order reads each tile once. */
  readonly #last = new Map<number, { readonly index: number; readonly tile: Promise<Buffer> }>();

  constructor(edge: TileEdge, read: ReadTile) {
    this.#edge = edge;
    this.#read = read;
  }

  get size(): number {
    return this.#edge.size;
  }

  /** How many leaves block `block` has in this tree: those from `block × 256` on, at most 256. */
  widthOf(block: number): number {
    return Math.max(0, Math.min(TILE_WIDTH, this.size - block * TILE_WIDTH));
  }

  /**
   * Throws LedgerError `root-mismatch` unless these are the leaf hashes of that block of the tree, all of them. Also
   * `tile-invalid` where files cannot tell.
   */
  async check(block: number, leaves: readonly Buffer[]): Promise<void> {
    if (leaves.length !== this.widthOf(block)) throw mismatch(block);
    if (leaves.length === 0) return; // behind the end of the tree
    const isThere =
      leaves.length === TILE_WIDTH
        ? completeRoot(Buffer.concat(leaves)).equals(await this.#hash(1, block))
        : this.#edge.hashesOf(0).every((hash, at) => leaves[at]?.equals(hash) === true);
    if (!isThere) throw mismatch(block);
  }

  /** The rows of a block from the entries of its bundle, proven. Throws as `check` does. */
  async rows(block: number, entries: readonly Buffer[]): Promise<readonly Row[]> {
    await this.check(block, entries.map(leafHash));
    return entries.map((entry, at) => ({ index: block * TILE_WIDTH + at, value: rowValue(entry) }));
  }

  /** Hash number `index` of a tile level. */
  async #hash(level: number, index: number): Promise<Buffer> {
    const tile = await this.#tile(level, Math.floor(index / TILE_WIDTH));
    const from = (index % TILE_WIDTH) * HASH_BYTES;
    return tile.subarray(from, from + HASH_BYTES);
  }

  #tile(level: number, index: number): Promise<Buffer> {
    const last = this.#last.get(level);
    if (last?.index === index) return last.tile;
    const tile = this.#proven(level, index);
    this.#last.set(level, { index, tile });
    return tile;
  }

  async #proven(level: number, index: number): Promise<Buffer> {
    const isEdge = index === Math.floor(hashesAt(level, this.size) / TILE_WIDTH);
    if (isEdge) return Buffer.concat(this.#edge.hashesOf(level));
    const bytes = await this.#read({ level, index, width: TILE_WIDTH });
    if (tileHash(bytes).equals(await this.#hash(level + 1, index))) return bytes;
    throw new LedgerError(
      "tile-invalid",
      `tile ${index} of level ${level} is not the one that was signed for`,
    );
  }
}

function mismatch(block: number): LedgerError {
  const [from, to] = [block * TILE_WIDTH, (block + 1) * TILE_WIDTH - 1];
  return new LedgerError(
    "root-mismatch",
    `entries ${from} to ${to} are not those that the checkpoint was signed for`,
    { index: from },
  );
}
