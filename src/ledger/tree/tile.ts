import { LedgerError } from "../ledger-error.js";
import { HASH_BYTES, nodeHash } from "./hash.js";

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** Levels of a tree in one tile: 2^8 = TILE_WIDTH. */
export const TILE_HEIGHT = 8;

/**
 * One tile (C2SP tlog-tiles): of the hashes at `level`, those from `index × 256` on. `level` is 0 for leaf hashes, and
 * each hash above is the root of a full tile below. `width` is 1 to 256: how many of them it has.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** One entry bundle: the entries from `index × 256` on, `width` of them. */
export type Bundle = Omit<Tile, "level">;

/**
 * Reads a tile: exactly 32 × `width` bytes. Asked only for tiles of the tree whose size the asker was given; a reader
 * that has a wider tile of that level and index cuts it.
 */
export type ReadTile = (tile: Tile) => Promise<Buffer>;

/** The tiles that a tree of `newSize` leaves has and one of `oldSize` had not, lower levels first. */
export function tilesBetween(oldSize: number, newSize: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; ; level += 1) {
    const before = hashesAt(level, oldSize);
    const after = hashesAt(level, newSize);
    if (after === 0) return tiles;
    if (after === before) continue;
    for (let index = Math.floor(before / TILE_WIDTH); index * TILE_WIDTH < after; index += 1) {
      tiles.push({ level, index, width: Math.min(TILE_WIDTH, after - index * TILE_WIDTH) });
    }
  }
}

/** How many hashes a tree of `size` leaves has at a tile level: floor(size / 256^level). */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The root of a full tile, which is a hash of the level above. Throws LedgerError `tile-invalid` for any other. */
export function tileHash(tile: Buffer): Buffer {
  if (tile.length !== TILE_WIDTH * HASH_BYTES) throw new LedgerError("tile-invalid", "not a full tile");
  return completeRoot(tile);
}

/** The root of a complete subtree from its leaves: a power of two of hashes, one after the other. */
export function completeRoot(hashes: Buffer): Buffer {
  if (hashes.length <= HASH_BYTES) return Buffer.from(hashes); // a hash that is kept must not keep its whole tile
  const middle = hashes.length / 2;
  return nodeHash(completeRoot(hashes.subarray(0, middle)), completeRoot(hashes.subarray(middle)));
}
