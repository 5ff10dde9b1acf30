import { dirname } from "node:path/posix";
import { LedgerError } from "../ledger-error.js";
import { decodeBundle } from "../tree/bundle.js";
import { HASH_BYTES } from "../tree/hash.js";
import { TILE_WIDTH, type Bundle, type ReadTile } from "../tree/tile.js";
import { bundlePath, tilePath } from "../tree/tile-path.js";
import type { DurableFiles } from "./durable-files.js";

/**
 * Reads tiles from their files. A partial tile whose file was removed is cut from a wider one. What comes out is what the
 * files say. The reader throws LedgerError `tile-invalid` for a tile that is not there or has another length.
 */
export function tileReader(files: DurableFiles): ReadTile {
  return async (tile) => {
    const found = await readWidest(files, tile.width, (width) => tilePath({ ...tile, width }));
    if (found === undefined) throw new LedgerError("tile-invalid", `there is no ${tilePath(tile)}`);
    if (found.bytes.length === found.width * HASH_BYTES)
      return found.bytes.subarray(0, tile.width * HASH_BYTES);
    throw new LedgerError(
      "tile-invalid",
      `${tilePath(tile)}: a file of ${found.bytes.length} bytes for ${found.width} hashes`,
    );
  };
}

/** The entries of a bundle, unproven. Throws LedgerError `bundle-invalid`, also when there is no file. */
export async function readBundle(files: DurableFiles, bundle: Bundle): Promise<readonly Buffer[]> {
  const found = await readWidest(files, bundle.width, (width) => bundlePath({ ...bundle, width }));
  if (found === undefined) throw new LedgerError("bundle-invalid", `there is no ${bundlePath(bundle)}`);
  return decodeBundle(found.bytes, found.width).slice(0, bundle.width);
}

interface Found {
  readonly bytes: Buffer;
  readonly width: number;
}

/** The file of exactly that width, else the full one, else a partial one that is wider. */
async function readWidest(
  files: DurableFiles,
  width: number,
  pathOf: (width: number) => string,
): Promise<Found | undefined> {
  for (const candidate of [width, TILE_WIDTH]) {
    const bytes = await files.read(pathOf(candidate));
    if (bytes !== undefined) return { bytes, width: candidate };
  }
  const names = await files.list(dirname(pathOf(1)));
  const wider = names.map(Number).find((other) => other > width && other < TILE_WIDTH);
  if (wider === undefined) return undefined;
  const bytes = await files.read(pathOf(wider));
  return bytes && { bytes, width: wider };
}
