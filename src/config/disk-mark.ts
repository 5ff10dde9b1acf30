import { parseSize, SIZE } from "./size.js";

/** A mark of free space. Of both, the smaller counts: so one text is right for large disks and for small ones. */
export interface DiskMark {
  readonly bytes?: number;
  /** Of the file system's size. */
  readonly percent?: number;
}

const PERCENT = /(?:0|[1-9]\d?)(?:\.\d)?%/;
const size = SIZE.source.slice(1, -1);

export const DISK_MARK = new RegExp(`^(?:${size}|${PERCENT.source}|${size} or ${PERCENT.source})$`);

export const DISK_MARK_EXPECTED = "free space such as 1GiB, 10%, or 5GiB or 10% (the smaller of both)";

/** A mark, or undefined for what is none. */
export function parseDiskMark(text: string): DiskMark | undefined {
  if (!DISK_MARK.test(text)) return undefined;
  let mark: DiskMark = {};
  for (const part of text.split(" or ")) {
    const bytes = parseSize(part);
    mark = bytes === undefined ? { ...mark, percent: Number(part.slice(0, -1)) } : { ...mark, bytes };
  }
  return mark;
}

/** The bytes of a mark on a file system of that size. */
export function markBytes({ bytes = Infinity, percent = 100 }: DiskMark, totalBytes: number): number {
  return Math.min(bytes, Math.floor((totalBytes * percent) / 100));
}
