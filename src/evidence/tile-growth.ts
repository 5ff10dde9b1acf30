import { Frontier, TILE_WIDTH, tileHash, type Tile } from "../ledger/index.js";

/** A tile and the hashes that belong into it, as the entries give them. */
export interface GrownTile {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

/**
 * The tree as it grows from whole bundles of leaf hashes: its frontier, and of each level above the leaves the tile that is not
 * full yet. Some 8 KiB a level, however many entries there are.
 */
export class TileGrowth {
  readonly #frontier = Frontier.empty();
  /** Of level 1, 2 and so on: how many tiles are full, and the hashes of the next. */
  readonly #levels: { full: number; hashes: Buffer[] }[] = [];

  /** Leaves so far: a multiple of 256. */
  get size(): number {
    return this.#frontier.size;
  }

  /** The frontier of those leaves, to go on from without them. */
  frontier(): Frontier {
    return this.#frontier.clone();
  }

  /** Takes the next 256 leaf hashes. Gives the tiles above that are full now, lowest first. */
  grow(leaves: Buffer): GrownTile[] {
    for (const leaf of hashesOf(leaves)) this.#frontier.append(leaf);
    const grown: GrownTile[] = [];
    let hash = tileHash(leaves);
    for (let above = 0; ; above += 1) {
      const level = (this.#levels[above] ??= { full: 0, hashes: [] });
      level.hashes.push(hash);
      if (level.hashes.length < TILE_WIDTH) return grown;
      const bytes = Buffer.concat(level.hashes);
      grown.push({ tile: { level: above + 1, index: level.full, width: TILE_WIDTH }, bytes });
      hash = tileHash(bytes);
      level.full += 1;
      level.hashes = [];
    }
  }

  /** The tiles above the leaves that are not full, lowest first. */
  unfinished(): GrownTile[] {
    return this.#levels.flatMap(({ full, hashes }, above) =>
      hashes.length === 0
        ? []
        : {
            tile: { level: above + 1, index: full, width: hashes.length },
            bytes: Buffer.concat(hashes),
          },
    );
  }
}

const HASH_BYTES = 32;

/** The hashes that lie one after the other; copies, so that one that is kept does not keep them all. */
export function hashesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, at) =>
    Buffer.from(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );
}
