import { Frontier } from "../tree/frontier.js";
import { HASH_BYTES } from "../tree/hash.js";
import { hashesAt, tileHash, TILE_WIDTH, type Tile } from "../tree/tile.js";

/** A hash tile and its bytes. */
export interface WrittenTile {
  readonly tile: Tile;
  readonly bytes: Buffer;
}

/**
 * The right edge of a tree in tiles: of each level the last tile, which is not full. With it a log goes on without reading
 * a tile: at most 8 KiB a level, however many leaves there are.
 */
export class TileEdge {
  readonly #frontier: Frontier;
  readonly #levels: Buffer[][];

  private constructor(frontier: Frontier, levels: Buffer[][]) {
    this.#frontier = frontier;
    this.#levels = levels;
  }

  /** `levels` are the hashes of the last tile of each level, that of the leaves first; `frontier` is of the same tree. */
  static of(frontier: Frontier, levels: readonly Buffer[]): TileEdge {
    return new TileEdge(frontier.clone(), levels.map(hashesIn));
  }

  static empty(): TileEdge {
    return new TileEdge(Frontier.empty(), []);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#frontier.size;
  }

  root(): Buffer {
    return this.#frontier.root();
  }

  clone(): TileEdge {
    return new TileEdge(
      this.#frontier.clone(),
      this.#levels.map((hashes) => [...hashes]),
    );
  }

  /** Adds a leaf by its hash, and gives the tiles that it filled, lower levels first. */
  append(leaf: Buffer): WrittenTile[] {
    this.#frontier.append(leaf);
    const filled: WrittenTile[] = [];
    let hash: Buffer = Buffer.from(leaf); // a copy: a hash that is kept must not keep the row that it is in
    for (let level = 0; ; level += 1) {
      const hashes = (this.#levels[level] ??= []);
      hashes.push(hash);
      if (hashes.length < TILE_WIDTH) return filled;
      const bytes = Buffer.concat(hashes);
      filled.push({ tile: { level, index: this.#indexAt(level) - 1, width: TILE_WIDTH }, bytes });
      hash = tileHash(bytes);
      this.#levels[level] = [];
    }
  }

  /** The last tiles, of the levels where they have other hashes than in the tree of `oldSize` leaves. */
  partials(oldSize: number): WrittenTile[] {
    return this.#levels.flatMap((hashes, level) => {
      const isNew = hashesAt(level, oldSize) < hashesAt(level, this.size);
      if (hashes.length === 0 || !isNew) return [];
      return {
        tile: { level, index: this.#indexAt(level), width: hashes.length },
        bytes: Buffer.concat(hashes),
      };
    });
  }

  /** The hashes of the last tile of a level; none where it has none, or there is no such level. */
  hashesOf(level: number): readonly Buffer[] {
    return this.#levels[level] ?? [];
  }

  /** The number of the last tile of a level. */
  #indexAt(level: number): number {
    return Math.floor(hashesAt(level, this.size) / TILE_WIDTH);
  }
}

function hashesIn(tile: Buffer): Buffer[] {
  const hashes: Buffer[] = [];
  for (let at = 0; at < tile.length; at += HASH_BYTES)
    hashes.push(Buffer.from(tile.subarray(at, at + HASH_BYTES)));
  return hashes;
}
