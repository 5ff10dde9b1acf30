import { LedgerError } from "../ledger-error.js";
import { Frontier, joinedRoot } from "./frontier.js";
import { HASH_BYTES } from "./hash.js";
import { subtreesOf, type Subtree } from "./subtrees.js";
import { completeRoot, hashesAt, TILE_HEIGHT, TILE_WIDTH, type ReadTile } from "./tile.js";

/**
 * The tree of `size` leaves as its tiles say it. Reads each tile at most once. What comes out is only as true as the
 * tiles: the caller compares with a root that it trusts. Every method throws LedgerError `tile-invalid` for a tile of
 * another length, and what the reader throws.
 */
export class TiledTree {
  readonly #read: ReadTile;
  readonly #size: number;
  readonly #tiles = new Map<string, Promise<Buffer>>();

  constructor(read: ReadTile, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** The roots of the complete subtrees between two leaves, as `subtreesOf` names them. */
  subtrees(from: number, to: number): Promise<Buffer[]> {
    return Promise.all(subtreesOf(from, to).map((subtree) => this.#subtree(subtree)));
  }

  /** MTH(D[from:to]) of RFC 6962, for ranges that its proofs ask for. */
  async range(from: number, to: number): Promise<Buffer> {
    return joinedRoot(await this.subtrees(from, to));
  }

  async #subtree({ height, index }: Subtree): Promise<Buffer> {
    const level = Math.floor(height / TILE_HEIGHT);
    const count = 2 ** (height % TILE_HEIGHT); // of hashes of that level
    const first = index * count;
    const tile = await this.#tile(level, Math.floor(first / TILE_WIDTH));
    const from = (first % TILE_WIDTH) * HASH_BYTES;
    return completeRoot(tile.subarray(from, from + count * HASH_BYTES));
  }

  #tile(level: number, index: number): Promise<Buffer> {
    const name = `${level}/${index}`;
    const known = this.#tiles.get(name) ?? this.#readTile(level, index);
    this.#tiles.set(name, known);
    return known;
  }

  async #readTile(level: number, index: number): Promise<Buffer> {
    const width = Math.min(TILE_WIDTH, hashesAt(level, this.#size) - index * TILE_WIDTH);
    const bytes = await this.#read({ level, index, width });
    if (bytes.length === width * HASH_BYTES) return bytes;
    throw new LedgerError("tile-invalid", `tile ${index} of level ${level} has ${bytes.length} bytes`);
  }
}

/** The root of the tree of `size` leaves, from its tiles. Throws as `TiledTree` does. */
export async function rootOf(read: ReadTile, size: number): Promise<Buffer> {
  return await new TiledTree(read, size).range(0, size);
}

/** The frontier of the tree of `size` leaves, from its tiles. Throws as `TiledTree` does. */
export async function frontierOf(read: ReadTile, size: number): Promise<Frontier> {
  return Frontier.of(size, await new TiledTree(read, size).subtrees(0, size));
}
