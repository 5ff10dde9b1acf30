import { parseTilePath, type Tile } from "../ledger/index.js";
import type { EvidenceSource } from "./evidence-source.js";

/** Where the ledger lies in a home. */
export const LEDGER = "ledger";

/** Where policy documents lie. */
export const POLICIES = `${LEDGER}/policy/`;

/** Where the document with that hash lies. */
export function policyFile(hash: string): string {
  return `${POLICIES}${hash}.json`;
}

/** A policy of some thousand people and roles. */
export const POLICY_BYTES_MAX = 16 * 1024 * 1024;

/** What stands for a tile's or bundle's level. */
export type Level = Tile["level"] | "entries";

/**
 * The files below `ledger/` as they were listed: of each tile and bundle the widths that are there, and what is none. What was
 * accounted for is struck off; what is left at the end, nobody has accounted for.
 */
export class LedgerFiles {
  readonly #widths = new Map<string, number[]>();
  readonly #others = new Set<string>();
  /** Whether the source could say which files there are. */
  readonly isListed: boolean;

  private constructor(paths: readonly string[] | undefined) {
    this.isListed = paths !== undefined;
    for (const path of paths ?? []) {
      const parsed = parseTilePath(path.slice(LEDGER.length + 1));
      if (parsed === undefined) this.#others.add(path);
      else if ("tile" in parsed) this.#add(parsed.tile.level, parsed.tile);
      else this.#add("entries", parsed.bundle);
    }
  }

  static async of(source: EvidenceSource): Promise<LedgerFiles> {
    return new LedgerFiles(await source.list(LEDGER));
  }

  /** The widths in which a tile or bundle is there, and strikes them off. */
  take(level: Level, index: number): readonly number[] {
    const key = `${level}/${index}`;
    const widths = this.#widths.get(key) ?? [];
    this.#widths.delete(key);
    return widths;
  }

  /** Strikes a file off that is no tile. */
  takeFile(path: string): void {
    this.#others.delete(path);
  }

  /** Whether there was nothing, as far as can be known. */
  get isEmpty(): boolean {
    return this.#widths.size === 0 && this.#others.size === 0;
  }

  /** Tiles and bundles that nobody has asked for: they hold entries beyond the checkpoint. */
  get tilesLeft(): number {
    return this.#widths.size;
  }

  /** Other files that are left. */
  filesLeft(): readonly string[] {
    return [...this.#others].sort();
  }

  #add(level: Level, { index, width }: Omit<Tile, "level">): void {
    const key = `${level}/${index}`;
    const widths = this.#widths.get(key);
    if (widths === undefined) this.#widths.set(key, [width]);
    else widths.push(width);
  }
}
