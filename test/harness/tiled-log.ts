import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  bundlePath,
  encodeBundle,
  Frontier,
  leafHash,
  signCheckpoint,
  tileHash,
  tilePath,
  tilesBetween,
  type ReadTile,
  type Signer,
} from "../../src/ledger/index.js";

/** A log in memory, as tiles: every leaf, every root, and the files that a log of some size has. */
export class TiledLog {
  readonly entries: readonly Buffer[];
  readonly leaves: readonly Buffer[];
  /** By size. */
  readonly roots: readonly Buffer[];
  readonly #levels: Buffer[] = [];

  constructor(entries: readonly Buffer[]) {
    this.entries = entries;
    this.leaves = entries.map(leafHash);
    const frontier = Frontier.empty();
    this.roots = [
      frontier.root(),
      ...this.leaves.map((leaf) => {
        frontier.append(leaf);
        return frontier.root();
      }),
    ];
    for (let level = Buffer.concat(this.leaves); level.length > 0;) {
      this.#levels.push(level);
      const full = Array.from({ length: Math.floor(level.length / 8192) }, (_, at) =>
        tileHash(level.subarray(at * 8192, (at + 1) * 8192)),
      );
      level = Buffer.concat(full);
    }
  }

  /** `count` entries that say their number. */
  static of(count: number): TiledLog {
    return new TiledLog(Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`)));
  }

  readonly read: ReadTile = ({ level, index, width }) => {
    const from = index * 8192;
    return Promise.resolve(this.#levels[level]?.subarray(from, from + width * 32) ?? Buffer.alloc(0));
  };

  /** The root at a size that the log had. */
  root(size: number): Buffer {
    const root = this.roots[size];
    if (root === undefined) throw new RangeError(`no size ${size}`);
    return root;
  }

  /** Lays the log of `size` entries out in `folder`: checkpoint, tiles, bundles. */
  async write(folder: string, size: number, signer: Signer): Promise<void> {
    const put = (path: string, bytes: Buffer | string): void => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    };
    for (const tile of tilesBetween(0, size)) {
      put(tilePath(tile), await this.read(tile));
      if (tile.level > 0) continue;
      const from = tile.index * 256;
      put(bundlePath(tile), encodeBundle(this.entries.slice(from, from + tile.width)));
    }
    const origin = signer.verifier.name;
    put("checkpoint", signCheckpoint({ origin, size, root: this.root(size) }, signer));
  }
}
