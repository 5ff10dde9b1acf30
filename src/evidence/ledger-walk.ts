import {
  bundlePath,
  emptyRoot,
  tilePath,
  TILE_WIDTH,
  type Checkpoint,
  type Frontier,
} from "../ledger/index.js";
import {
  byLevelAbove,
  judgeBundle,
  readBundleFiles,
  TILE_BYTES_MAX,
  type Arbiter,
  type BundleFiles,
  type JudgedBundle,
} from "./bundle-check.js";
import type { EvidenceFaultCode } from "./evidence-fault.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { LEDGER, type LedgerFiles } from "./ledger-files.js";
import type { SignedCheckpoint } from "./signed-checkpoint.js";
import { TileCheck } from "./tile-check.js";
import { hashesOf, TileGrowth } from "./tile-growth.js";

/** Bundles that are read ahead: enough to keep a disk or a server busy, and 16 MiB at most. */
const READ_AHEAD = 4;

/** Bundles without any file, one after the other, until no more are looked for: a checkpoint may name any size. */
const MISSING_MAX = 1000;

/** A root that the tree must have had at some size. */
export interface Waypoint extends Checkpoint {
  readonly where: string;
  readonly code: EvidenceFaultCode;
}

export interface ToldEntry {
  readonly index: number;
  readonly bytes: Buffer | undefined;
  readonly leaf: Buffer | undefined;
  /** Its bundle's file, as people are shown it. */
  readonly where: string;
}

export interface LedgerWalkOptions {
  readonly source: EvidenceSource;
  readonly files: LedgerFiles;
  readonly findings: Findings;
  /** Each entry once, in order; undefined where its bytes are not those that were signed for. */
  readonly onEntry: (told: ToldEntry) => void;
  /** After each bundle; the walk waits for it. */
  readonly onBundle: (entries: number, size: number) => Promise<void>;
}

/** Walks along the entries, and makes the tree of them anew. */
export class LedgerWalk {
  readonly #options: LedgerWalkOptions;
  readonly #tiles: TileCheck;
  readonly #growth = new TileGrowth();
  readonly #waypoints = new Map<number, Waypoint[]>();
  readonly #ahead = new Map<string, Promise<BundleFiles>>();
  #above: { readonly path: string; readonly bytes: Promise<Buffer | undefined> } | undefined;
  /** The bundle that is not full, as it was judged last. */
  #partial: JudgedBundle | undefined;
  /** Entries that were told. */
  #told = 0;
  /** Bundles before this number are done with. */
  #bundles = 0;
  /** Of these, the last so many are not there at all. */
  #missing = 0;
  /** Leaf hashes are missing, so that there is no tree any more. */
  #isBroken = false;
  /** The last waypoint that was passed and agreed. */
  #agreed: Waypoint | undefined;
  passed = 0;

  constructor(options: LedgerWalkOptions) {
    this.#options = options;
    this.#tiles = new TileCheck(options.source, options.files, options.findings);
  }

  /** Entries that were looked at. */
  get size(): number {
    return this.#told;
  }

  /** Files that hold more than the checkpoint stands for. */
  get tilesAhead(): number {
    return this.#tiles.ahead + this.#options.files.tilesLeft;
  }

  /** What was expected of a longer ledger than there is. */
  unreached(): readonly Waypoint[] {
    return [...this.#waypoints.values()].flat();
  }

  /** The tree must have had this root. To be said before the walk comes there. */
  expect(waypoint: Waypoint): void {
    const same = this.#waypoints.get(waypoint.size);
    if (same === undefined) this.#waypoints.set(waypoint.size, [waypoint]);
    else same.push(waypoint);
  }

  /**
   * Goes on to the end of `target`. `newer` looks for a checkpoint that has come since: a bastion at work removes the narrow
   * tiles of older ones. Resolves with the checkpoint that it came to.
   */
  async advance(
    target: SignedCheckpoint,
    newer: (than: SignedCheckpoint) => Promise<SignedCheckpoint | undefined>,
  ): Promise<SignedCheckpoint> {
    if (target.size === 0) this.#checkRoots(0, emptyRoot);
    while (this.#bundles * TILE_WIDTH < target.size) {
      const files = await this.#read(this.#bundles, target.size);
      if (files.width < TILE_WIDTH && (files.bundle === undefined || files.tile === undefined)) {
        const next = await newer(target);
        if (next !== undefined) {
          this.expect({ ...target, code: "checkpoint-inconsistent" });
          target = next;
          continue;
        }
      }
      await this.#take(files, target);
      if (files.width < TILE_WIDTH || this.#isNothingLeft(files)) break;
      this.#bundles += 1;
    }
    return target;
  }

  #isNothingLeft({ bundle, tile }: BundleFiles): boolean {
    this.#missing = bundle === undefined && tile === undefined ? this.#missing + 1 : 0;
    if (this.#missing < MISSING_MAX) return false;
    this.#options.findings.note(
      `nothing is there of ${MISSING_MAX} bundles: no entry from ${this.#told} on was looked for`,
    );
    return true;
  }

  /** Checks the tiles that are not full, once the walk has come to its end. False when one is missing. */
  async finish(): Promise<boolean> {
    let isThere = true;
    if (this.#partial?.leaves !== undefined) {
      const { index, width, leaves, entries } = this.#partial;
      await this.#tiles.leftOver({ tile: { level: 0, index, width }, bytes: leaves });
      await this.#tiles.leftOverBundles(index, width, entries);
    }
    if (this.#isBroken) return true;
    for (const tile of this.#growth.unfinished()) isThere = (await this.#tiles.check(tile)) && isThere;
    return isThere;
  }

  /** Says of the unfinished tiles which are missing. */
  async nameMissing(): Promise<void> {
    const { source, findings } = this.#options;
    for (const { tile } of this.#growth.unfinished()) {
      const path = `${LEDGER}/${tilePath(tile)}`;
      if ((await source.read(path, TILE_BYTES_MAX)) === undefined)
        findings.fault({
          code: "tile-missing",
          where: source.show(path),
          detail: `a tile of ${tile.width} hashes`,
        });
    }
  }

  async #take(files: BundleFiles, target: SignedCheckpoint): Promise<void> {
    const { findings, onEntry, onBundle, source } = this.#options;
    const bundle = judgeBundle(files, source, await this.#arbiter(files, target));
    const { index, width, leaves, entries } = bundle;
    for (const fault of bundle.faults) findings.fault(fault);
    const hashes = leaves && hashesOf(leaves);
    const where = source.show(`${LEDGER}/${bundlePath(files)}`);
    for (const [at, entry] of entries.entries()) {
      const number = index * TILE_WIDTH + at;
      if (number < this.#told) continue;
      onEntry({ index: number, bytes: entry, leaf: hashes?.[at], where });
      this.#told = number + 1;
    }
    if (leaves === undefined) this.#isBroken = true;
    else if (!this.#isBroken) this.#passWaypoints(index, hashes ?? [], target);
    this.#partial = width < TILE_WIDTH ? bundle : undefined;
    if (width === TILE_WIDTH && leaves !== undefined) await this.#grow(index, leaves, entries);
    await onBundle(this.#told, target.size);
  }

  async #grow(index: number, leaves: Buffer, entries: readonly (Buffer | undefined)[]): Promise<void> {
    const { findings, source } = this.#options;
    await this.#tiles.leftOver({ tile: { level: 0, index, width: TILE_WIDTH }, bytes: leaves });
    await this.#tiles.leftOverBundles(index, TILE_WIDTH, entries);
    if (this.#isBroken) return;
    for (const grown of this.#growth.grow(leaves)) {
      if (await this.#tiles.check(grown)) continue;
      const where = source.show(`${LEDGER}/${tilePath(grown.tile)}`);
      findings.fault({ code: "tile-missing", where, detail: "a full tile" });
    }
  }

  /** Roots within this bundle, and that of the checkpoint itself. */
  #passWaypoints(index: number, hashes: readonly Buffer[], target: SignedCheckpoint): void {
    const begin = index * TILE_WIDTH;
    const end = begin + hashes.length;
    const isDue = [...this.#waypoints.keys()].some((size) => size <= end);
    if (!isDue && end < target.size) return;
    const frontier = this.#growth.frontier();
    this.#checkRoots(begin, frontier.root());
    for (const leaf of hashes) {
      frontier.append(leaf);
      if (this.#waypoints.has(frontier.size)) this.#checkRoots(frontier.size, frontier.root());
    }
    if (end >= target.size) this.#checkTarget(frontier, target);
  }

  #checkRoots(size: number, root: Buffer): void {
    for (const waypoint of this.#waypoints.get(size) ?? []) {
      if (waypoint.root.equals(root)) {
        this.#agreed = waypoint;
        this.passed += 1;
        continue;
      }
      const { where, code } = waypoint;
      const detail = `its first ${size} entries are others than those of the ledger now`;
      this.#options.findings.fault({ code, where, detail });
    }
    this.#waypoints.delete(size);
  }

  #checkTarget(frontier: Frontier, { root, where }: SignedCheckpoint): void {
    if (frontier.root().equals(root)) return;
    const until =
      this.#agreed && `; up to entry ${this.#agreed.size} they are those of ${this.#agreed.where}`;
    this.#options.findings.fault({
      code: "root-mismatch",
      where,
      detail: `the entries give another root than the one that was signed${until ?? ""}`,
    });
  }

  async #arbiter({ index, width }: BundleFiles, target: SignedCheckpoint): Promise<Arbiter> {
    const isLast = index * TILE_WIDTH + width >= target.size;
    const above = width === TILE_WIDTH ? await this.#levelAbove(index, target.size) : undefined;
    const byAbove = above === undefined ? () => undefined : byLevelAbove(above, index);
    const byRoot: Arbiter = (leaves) => {
      if (!isLast || this.#isBroken) return undefined;
      const frontier = this.#growth.frontier();
      for (const leaf of hashesOf(leaves)) frontier.append(leaf);
      return frontier.root().equals(target.root);
    };
    return (leaves) => byAbove(leaves) ?? byRoot(leaves);
  }

  /** The tile that has a hash of this bundle's; one read for 256 of them. */
  async #levelAbove(index: number, size: number): Promise<Buffer | undefined> {
    const hashes = Math.floor(size / TILE_WIDTH);
    const above = Math.floor(index / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, hashes - above * TILE_WIDTH);
    const path = `${LEDGER}/${tilePath({ level: 1, index: above, width })}`;
    if (this.#above?.path !== path)
      this.#above = { path, bytes: this.#options.source.read(path, TILE_BYTES_MAX) };
    return this.#above.bytes;
  }

  /** The files of a bundle; the next ones are on their way then. */
  async #read(first: number, size: number): Promise<BundleFiles> {
    const { source } = this.#options;
    const last = Math.ceil(size / TILE_WIDTH) - 1;
    const keyOf = (index: number) => `${index}/${Math.min(TILE_WIDTH, size - index * TILE_WIDTH)}`;
    for (let index = first; index <= Math.min(last, first + READ_AHEAD - 1); index += 1) {
      if (this.#ahead.has(keyOf(index))) continue;
      const reading = readBundleFiles(source, index, Math.min(TILE_WIDTH, size - index * TILE_WIDTH));
      reading.catch(() => undefined); // it is awaited when its turn comes
      this.#ahead.set(keyOf(index), reading);
    }
    const files = await this.#ahead.get(keyOf(first));
    if (files === undefined) throw new TypeError("a bundle that was not asked for");
    this.#ahead.delete(keyOf(first));
    return files;
  }
}
