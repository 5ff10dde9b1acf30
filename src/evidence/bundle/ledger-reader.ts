import {
  bundlePath,
  decodeBundle,
  HASH_BYTES,
  tilePath,
  TILE_WIDTH,
  type Bundle,
  type ReadTile,
} from "../../ledger/index.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceSource } from "../evidence-source.js";
import { LEDGER } from "../ledger-files.js";

/** 256 entries of 65,535 bytes, which is what the format would allow, with their lengths. */
const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + 65_535);

/** Bundles under way: enough to keep a disk busy, and a few MiB. */
const READ_AHEAD = 8;

/**
 * Reads tiles from the files of a ledger. A partial one that was removed meanwhile is cut from a wider one. What comes out is what the
 * files say: whoever reads it holds it against a checkpoint. Throws EvidenceError `unreadable` for what is not there.
 */
export function tilesOf(source: EvidenceSource): ReadTile {
  return async (tile) => {
    const path = (width: number) => tilePath({ ...tile, width });
    const found = await readWidest(source, tile.width, path, TILE_WIDTH * HASH_BYTES);
    if (found.bytes.length !== found.width * HASH_BYTES)
      throw new EvidenceError("unreadable", "a tile has another length than its name says", {
        where: found.path,
      });
    return found.bytes.subarray(0, tile.width * HASH_BYTES);
  };
}

/** The same for a source that cannot be listed: each tile is asked for as the tree of `size` entries has it, and cut. */
export function tilesIn(source: EvidenceSource, size: number): ReadTile {
  const tiles = tilesOf(source);
  return async (tile) => {
    const hashes = Math.floor(size / TILE_WIDTH ** tile.level) - tile.index * TILE_WIDTH;
    const width = Math.max(tile.width, Math.min(TILE_WIDTH, hashes));
    return (await tiles({ ...tile, width })).subarray(0, tile.width * HASH_BYTES);
  };
}

/** A bundle of entries as its file has it. */
export interface ReadBundle {
  /** Number of its first entry. */
  readonly first: number;
  readonly bytes: Buffer;
  /** Throws LedgerError `bundle-invalid`. */
  readonly entries: () => readonly Buffer[];
}

/** The entries of a ledger of `size`, bundle by bundle, until entry `end` was among them. Throws EvidenceError. */
export async function* bundlesOf(
  source: EvidenceSource,
  size: number,
  end = size,
): AsyncGenerator<ReadBundle, void> {
  const ahead: Promise<ReadBundle>[] = [];
  for (let first = 0; first < end || ahead.length > 0;) {
    for (; first < end && ahead.length < READ_AHEAD; first += TILE_WIDTH) {
      const reading = readBundle(source, first, Math.min(TILE_WIDTH, size - first));
      reading.catch(() => undefined); // it is heard when its turn comes, if it does
      ahead.push(reading);
    }
    const next = await ahead.shift();
    if (next !== undefined) yield next;
  }
}

async function readBundle(source: EvidenceSource, first: number, wanted: number): Promise<ReadBundle> {
  const bundle: Bundle = { index: first / TILE_WIDTH, width: wanted };
  const path = (width: number) => bundlePath({ ...bundle, width });
  const { bytes, width } = await readWidest(source, wanted, path, BUNDLE_BYTES_MAX);
  return { first, bytes, entries: () => decodeBundle(bytes, width).slice(0, wanted) };
}

/** The file of exactly that width, else the full one, else a partial one that is wider. */
async function readWidest(
  source: EvidenceSource,
  width: number,
  pathOf: (width: number) => string,
  bytesMax: number,
): Promise<{ readonly bytes: Buffer; readonly width: number; readonly path: string }> {
  const full = pathOf(TILE_WIDTH);
  const partials = ((await partialsOf(source, full, width)) ?? []).sort((a, b) => a - b);
  for (const candidate of [width, TILE_WIDTH, ...partials]) {
    const path = `${LEDGER}/${pathOf(candidate)}`;
    const bytes = await source.read(path, bytesMax);
    if (bytes !== undefined) return { bytes, width: candidate, path };
  }
  throw new EvidenceError("unreadable", "a file of the ledger is missing", {
    where: `${LEDGER}/${pathOf(width)}`,
  });
}

async function partialsOf(
  source: EvidenceSource,
  full: string,
  width: number,
): Promise<number[] | undefined> {
  if (width === TILE_WIDTH) return undefined;
  const names = await source.list(`${LEDGER}/${full}.p`);
  return names?.map((name) => Number(name.slice(name.lastIndexOf("/") + 1))).filter((other) => other > width);
}
