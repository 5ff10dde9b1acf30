import { dirname } from "node:path/posix";
import { hashesAt, TILE_WIDTH, type Bundle } from "../tree/tile.js";
import { bundlePath, tilePath } from "../tree/tile-path.js";
import type { DurableFiles } from "./durable-files.js";

/** Where the partial tiles, or bundles, of one level are. */
interface Partial {
  readonly index: number;
  readonly width: number;
  readonly pathOf: (bundle: Bundle) => string;
}

/**
 * Removes partial tiles and bundles that nobody needs any more: all but those of the newest checkpoint and the one before,
 * whose tiles somebody may just be reading. That one stays behind does no harm, so a failure to remove is no failure.
 */
export class PartialFiles {
  readonly #files: DurableFiles;
  /** Sizes of the newest checkpoint and the one before, oldest first. */
  #sizes: readonly number[];

  constructor(files: DurableFiles, size: number) {
    this.#files = files;
    this.#sizes = [size];
  }

  /** Takes notice of a new checkpoint. */
  async advance(size: number): Promise<void> {
    const sizes = [...this.#sizes, size];
    this.#sizes = sizes.slice(-2);
    const kept = new Set(this.#sizes.flatMap((each) => partialsOf(each).map(pathOf)));
    for (const old of sizes.slice(0, -2))
      for (const partial of partialsOf(old)) if (!kept.has(pathOf(partial))) await this.#drop(partial, kept);
  }

  /** Removes what a crash left of partial tiles near the end of the tree, but those of the newest checkpoint. */
  async tidy(): Promise<void> {
    const size = this.#sizes.at(-1) ?? 0;
    const kept = new Set(partialsOf(size).map(pathOf));
    const keptFolders = new Set([...kept].map((path) => dirname(path)));
    for (const { index, pathOf: path } of levelsOf(size)) {
      const folder = dirname(path({ index, width: TILE_WIDTH }));
      for (const name of (await this.#files.list(folder)).filter((each) => each.endsWith(".p"))) {
        const partials = `${folder}/${name}`;
        if (!keptFolders.has(partials)) await this.#remove(partials);
        else
          for (const width of await this.#files.list(partials))
            if (!kept.has(`${partials}/${width}`)) await this.#remove(`${partials}/${width}`);
      }
    }
  }

  /** One file, or the folder that it was in when no other in it is kept. */
  async #drop(partial: Partial, kept: ReadonlySet<string>): Promise<void> {
    const path = pathOf(partial);
    const folder = dirname(path);
    await this.#remove([...kept].some((other) => dirname(other) === folder) ? path : folder);
  }

  async #remove(path: string): Promise<void> {
    await this.#files.remove(path).catch(() => undefined);
  }
}

/** The last tile of each level of a tree, and its last bundle; of width 0 where the last one is full. */
function levelsOf(size: number): Partial[] {
  const levels: Partial[] = [{ ...lastOf(size), pathOf: bundlePath }];
  for (let level = 0; level === 0 || hashesAt(level, size) > 0; level += 1)
    levels.push({ ...lastOf(hashesAt(level, size)), pathOf: (bundle) => tilePath({ level, ...bundle }) });
  return levels;
}

function partialsOf(size: number): Partial[] {
  return levelsOf(size).filter(({ width }) => width > 0);
}

function lastOf(count: number): Bundle {
  return { index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH };
}

function pathOf({ index, width, pathOf: path }: Partial): string {
  return path({ index, width });
}
