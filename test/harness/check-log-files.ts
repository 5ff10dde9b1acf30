import assert from "node:assert/strict";
import {
  bundlePath,
  decodeBundle,
  Frontier,
  leafHash,
  openCheckpoint,
  tileHash,
  tilePath,
  tilesBetween,
  TILE_WIDTH,
  type Checkpoint,
  type VerifierKey,
} from "../../src/ledger/index.js";

export interface CheckedFiles extends Checkpoint {
  /** Every entry's bytes. */
  readonly entries: readonly Buffer[];
}

/**
 * Checks a log's files from outside, whatever its entries are: the checkpoint is signed by `key`, each bundle and each
 * tile of its tree is there, the bundles give the root, the tiles have the hashes. Throws for what is not so.
 */
export async function checkLogFiles(
  read: (path: string) => Promise<Buffer | undefined>,
  key: VerifierKey,
): Promise<CheckedFiles> {
  const need = async (path: string): Promise<Buffer> => {
    const bytes = await read(path);
    assert.ok(bytes !== undefined, `there is no ${path}`);
    return bytes;
  };
  const checkpoint = openCheckpoint(await need("checkpoint"), key);
  const entries: Buffer[] = [];
  while (entries.length < checkpoint.size) {
    const width = Math.min(TILE_WIDTH, checkpoint.size - entries.length);
    const bundle = await need(bundlePath({ index: entries.length / TILE_WIDTH, width }));
    entries.push(...decodeBundle(bundle, width));
  }
  const frontier = Frontier.empty();
  const levels = [entries.map(leafHash)];
  for (const leaf of levels[0]!) frontier.append(leaf);
  assert.deepEqual(frontier.root(), checkpoint.root);
  for (const tile of tilesBetween(0, checkpoint.size)) {
    const { level, index, width } = tile;
    const expected = Buffer.concat(levels[level]!.slice(index * TILE_WIDTH, index * TILE_WIDTH + width));
    assert.deepEqual(await need(tilePath(tile)), expected, tilePath(tile));
    if (width === TILE_WIDTH) (levels[level + 1] ??= []).push(tileHash(expected));
  }
  return { ...checkpoint, entries };
}
