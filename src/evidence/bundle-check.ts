import {
  bundlePath,
  decodeBundle,
  leafHash,
  LedgerError,
  tileHash,
  tilePath,
  TILE_WIDTH,
} from "../ledger/index.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { EvidenceFault } from "./evidence-fault.js";
import { LEDGER } from "./ledger-files.js";

export const HASH_BYTES = 32;
/** 256 entries, each as long as a bundle allows. */
export const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + 0xffff);
export const TILE_BYTES_MAX = TILE_WIDTH * HASH_BYTES;

/** One bundle of entries and the tile of their leaf hashes, as the files have them; `width` is how many are wanted. */
export interface BundleFiles {
  readonly index: number;
  readonly width: number;
  readonly bundle: Buffer | undefined;
  readonly tile: Buffer | undefined;
}

/** What of them is to be believed. */
export interface JudgedBundle {
  readonly index: number;
  readonly width: number;
  /** Each entry, or undefined where its bytes are not those that were signed for. */
  readonly entries: readonly (Buffer | undefined)[];
  /** Leaf hashes in a row; undefined when neither file gives them. */
  readonly leaves: Buffer | undefined;
  readonly faults: readonly EvidenceFault[];
}

/**
 * Says whether leaf hashes are the true ones: by the level above, or by the signed root. Undefined when that cannot be told.
 */
export type Arbiter = (leaves: Buffer) => boolean | undefined;

/** Reads both files. */
export async function readBundleFiles(
  source: EvidenceSource,
  index: number,
  width: number,
): Promise<BundleFiles> {
  const [bundle, tile] = await Promise.all([
    source.read(`${LEDGER}/${bundlePath({ index, width })}`, BUNDLE_BYTES_MAX),
    source.read(`${LEDGER}/${tilePath({ level: 0, index, width })}`, TILE_BYTES_MAX),
  ]);
  return { index, width, bundle, tile };
}

/**
 * Holds a bundle and its tile against each other. Where they differ, `isTrue` says which of them was changed, so that the right
 * file is named; where it cannot, both are.
 */
export function judgeBundle(files: BundleFiles, source: EvidenceSource, isTrue: Arbiter): JudgedBundle {
  const { index, width, tile } = files;
  const named = {
    bundle: source.show(`${LEDGER}/${bundlePath(files)}`),
    tile: source.show(`${LEDGER}/${tilePath({ level: 0, index, width })}`),
  };
  const opened = openBundle(files, named.bundle);
  const own = opened.entries && Buffer.concat(opened.entries.map((entry) => leafHash(entry)));
  if (own !== undefined && tile?.equals(own)) return judged(files, opened.entries, own, []);
  const tileFault = faultOfTile(named.tile, tile, own, width);
  const isTile = tile?.length === width * HASH_BYTES;
  const ownVerdict = own && isTrue(own);
  if (own !== undefined && ownVerdict === true) return judged(files, opened.entries, own, [tileFault]);
  const tileVerdict = isTile ? isTrue(tile) : false;
  const bundleFaults = opened.fault
    ? [opened.fault]
    : changedEntries(files, named.bundle, opened.entries ?? [], own, isTile ? tile : undefined);
  if (isTile && tileVerdict === true)
    return judged(files, trueEntries(opened.entries, tile, width), tile, bundleFaults);
  // nobody can say which of them it is
  const faults = isTile ? [...bundleFaults, tileFault] : [...(opened.fault ? [opened.fault] : []), tileFault];
  const leaves = own ?? (isTile ? tile : undefined);
  return judged(files, isTile ? trueEntries(opened.entries, tile, width) : opened.entries, leaves, faults);
}

/** Whether 256 leaf hashes are those that the level above has a hash of. */
export function byLevelAbove(above: Buffer | undefined, index: number): Arbiter {
  const at = (index % TILE_WIDTH) * HASH_BYTES;
  const hash = above?.subarray(at, at + HASH_BYTES);
  return (leaves) => (hash?.length === HASH_BYTES ? tileHash(leaves).equals(hash) : undefined);
}

function judged(
  { index, width }: BundleFiles,
  entries: readonly (Buffer | undefined)[] | undefined,
  leaves: Buffer | undefined,
  faults: readonly EvidenceFault[],
): JudgedBundle {
  const none = new Array<undefined>(width).fill(undefined);
  return { index, width, entries: entries ?? none, leaves, faults };
}

function openBundle(
  { index, width, bundle }: BundleFiles,
  where: string,
): { readonly entries?: readonly Buffer[]; readonly fault?: EvidenceFault } {
  const entry = index * TILE_WIDTH;
  if (bundle === undefined)
    return {
      fault: { code: "bundle-missing", where, entry, detail: `entries ${entry} to ${entry + width - 1}` },
    };
  try {
    return { entries: decodeBundle(bundle, width) };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { fault: { code: "bundle-invalid", where, entry, detail: error.message } };
  }
}

function faultOfTile(
  where: string,
  tile: Buffer | undefined,
  own: Buffer | undefined,
  width: number,
): EvidenceFault {
  if (tile === undefined) return { code: "tile-missing", where, detail: `a tile of ${width} hashes` };
  return mismatch("tile-mismatch", where, tile, own, "other hashes than the entries give");
}

/** The entries whose leaf hash the tile does not have. */
function changedEntries(
  { index }: BundleFiles,
  where: string,
  entries: readonly Buffer[],
  own: Buffer | undefined,
  tile: Buffer | undefined,
): EvidenceFault[] {
  if (own === undefined || tile === undefined) return [];
  let offset = 0;
  return entries.flatMap((bytes, at) => {
    const begin = offset;
    offset += 2 + bytes.length;
    if (sameHash(own, tile, at)) return [];
    const entry = index * TILE_WIDTH + at;
    return {
      code: "bundle-mismatch",
      where,
      offset: begin,
      entry,
      detail: "its bytes are not those that were signed for",
    };
  });
}

function trueEntries(
  entries: readonly Buffer[] | undefined,
  tile: Buffer,
  width: number,
): readonly (Buffer | undefined)[] {
  return Array.from({ length: width }, (_, at) => {
    const bytes = entries?.[at];
    return bytes && sameHash(leafHash(bytes), tile.subarray(at * HASH_BYTES), 0) ? bytes : undefined;
  });
}

function sameHash(one: Buffer, other: Buffer, at: number): boolean {
  const from = at * HASH_BYTES;
  return one.subarray(from, from + HASH_BYTES).equals(other.subarray(from, from + HASH_BYTES));
}

/** A file that is not what it should be, with the first byte that differs. */
export function mismatch(
  code: "tile-mismatch" | "bundle-mismatch",
  where: string,
  found: Buffer,
  wanted: Buffer | undefined,
  detail: string,
): EvidenceFault {
  if (wanted === undefined) return { code, where, detail };
  const length = Math.min(found.length, wanted.length);
  let offset = 0;
  while (offset < length && found[offset] === wanted[offset]) offset += 1;
  return { code, where, offset, detail };
}
