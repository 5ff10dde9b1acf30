import { TILE_WIDTH, type Bundle, type Tile } from "./tile.js";

/** The highest level that C2SP tlog-tiles names; a tree of 2^53 leaves ends at level 6. */
const LEVEL_MAX = 63;

const PATH =
  /^tile\/(?<level>entries|0|[1-9]\d?)\/(?<index>(?:x\d{3}\/)*\d{3})(?:\.p\/(?<width>[1-9]\d{0,2}))?$/u;

/** What is at a path of a log. */
export type TilePath = { readonly tile: Tile } | { readonly bundle: Bundle };

/** Where a tile is, below the log's prefix or folder: `tile/0/x001/234.p/5` (C2SP tlog-tiles). */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${widthPath(width)}`;
}

/** Where an entry bundle is: `tile/entries/x001/234.p/5` (C2SP tlog-tiles). */
export function bundlePath({ index, width }: Bundle): string {
  return `tile/entries/${indexPath(index)}${widthPath(width)}`;
}

/** The tile or bundle of a path; undefined for whatever neither `tilePath` nor `bundlePath` writes. */
export function parseTilePath(path: string): TilePath | undefined {
  const groups = PATH.exec(path)?.groups;
  if (groups?.["level"] === undefined || groups["index"] === undefined) return undefined;
  const index = Number(groups["index"].replaceAll(/[x/]/gu, ""));
  const width = groups["width"] === undefined ? TILE_WIDTH : Number(groups["width"]);
  if (!Number.isSafeInteger(index) || indexPath(index) !== groups["index"] || width > TILE_WIDTH)
    return undefined;
  if (groups["width"] !== undefined && width === TILE_WIDTH) return undefined; // a full one has no width
  if (groups["level"] === "entries") return { bundle: { index, width } };
  const level = Number(groups["level"]);
  return level > LEVEL_MAX ? undefined : { tile: { level, index, width } };
}

/** Groups of three digits, as few as can be, all but the last with an `x`. */
function indexPath(index: number): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/gu) ?? [];
  return groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join("/");
}

function widthPath(width: number): string {
  return width === TILE_WIDTH ? "" : `.p/${width}`;
}
