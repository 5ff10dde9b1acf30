import { bundlePath, tilePath, TILE_WIDTH } from "../ledger/index.js";
import { BUNDLE_BYTES_MAX, HASH_BYTES, mismatch, TILE_BYTES_MAX } from "./bundle-check.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { LEDGER, type LedgerFiles } from "./ledger-files.js";
import type { GrownTile } from "./tile-growth.js";

/**
 * Holds tiles against what the entries give: the one that the tree has now, and the narrower ones of older checkpoints that are
 * still there. What a file holds beyond the checkpoint is nobody's word yet, and counted.
 */
export class TileCheck {
  readonly #source: EvidenceSource;
  readonly #files: LedgerFiles;
  readonly #findings: Findings;
  /** Files that hold more than the checkpoint stands for. */
  ahead = 0;

  constructor(source: EvidenceSource, files: LedgerFiles, findings: Findings) {
    [this.#source, this.#files, this.#findings] = [source, files, findings];
  }

  /** A tile above the leaves, which the tree has. False when it is missing. */
  async check({ tile, bytes }: GrownTile): Promise<boolean> {
    const path = `${LEDGER}/${tilePath(tile)}`;
    const found = await this.#source.read(path, TILE_BYTES_MAX);
    await this.leftOver({ tile, bytes });
    if (found === undefined) return false;
    if (!found.equals(bytes)) this.#wrongTile(path, found, bytes);
    return true;
  }

  /** Files of the same tile in other widths. */
  async leftOver({ tile, bytes }: GrownTile): Promise<void> {
    for (const width of this.#files.take(tile.level, tile.index)) {
      if (width === tile.width) continue;
      const path = `${LEDGER}/${tilePath({ ...tile, width })}`;
      const found = await this.#source.read(path, TILE_BYTES_MAX);
      if (found === undefined) continue; // a bastion at work removes what is no longer needed
      if (width > tile.width) this.ahead += 1;
      const known = Math.min(width, tile.width) * HASH_BYTES;
      const isSound = found.length === width * HASH_BYTES;
      if (!isSound || !found.subarray(0, known).equals(bytes.subarray(0, known)))
        this.#wrongTile(path, found, bytes.subarray(0, known));
    }
  }

  /** Bundles of the same entries in other widths; `entries` are those that are believed, in their order. */
  async leftOverBundles(
    index: number,
    width: number,
    entries: readonly (Buffer | undefined)[],
  ): Promise<void> {
    for (const other of this.#files.take("entries", index)) {
      if (other === width) continue;
      const path = `${LEDGER}/${bundlePath({ index, width: other })}`;
      const found = await this.#source.read(path, BUNDLE_BYTES_MAX);
      if (found === undefined) continue;
      if (other > width) this.ahead += 1;
      const known = entries.slice(0, Math.min(other, width));
      if (known.includes(undefined)) continue; // it was said already that these entries are not what they were
      const bytes = Buffer.concat(known.flatMap((entry) => [lengthOf(entry), entry ?? Buffer.alloc(0)]));
      const isSound = other > width ? found.subarray(0, bytes.length).equals(bytes) : found.equals(bytes);
      if (isSound) continue;
      const where = this.#source.show(path);
      this.#findings.fault({
        ...mismatch("bundle-mismatch", where, found, bytes, "other entries than the bundle has"),
        entry: index * TILE_WIDTH,
      });
    }
  }

  #wrongTile(path: string, found: Buffer, wanted: Buffer): void {
    const where = this.#source.show(path);
    this.#findings.fault(
      mismatch("tile-mismatch", where, found, wanted, "other hashes than the entries give"),
    );
  }
}

function lengthOf(entry: Buffer | undefined): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(entry?.length ?? 0);
  return length;
}
