import type { DiskLevel } from "../../access/index.js";
import { markBytes, type DiskSettings } from "../../config/index.js";
import type { Space } from "./free-space.js";

/** Where one level ends and the next begins on one file system, in bytes that are free. */
export interface DiskMarks {
  readonly warnBelow: number;
  readonly fullBelow: number;
  /** Below it all that is left is for the last words. */
  readonly criticalBelow: number;
}

/** What the ledger and its tiles need to write the end of everything: LevelDB fills one log of 4 MiB and tidies it up. */
const LEDGER_BYTES = 8 * 2 ** 20;
/** What a session needs to end: its last block, the end frame, its folder; and its entries in the ledger. */
const ENDING_BYTES = 64 * 2 ** 10;
/** Better only when it is so much better: else a disk at a mark would fill the ledger with its ups and downs. */
const BETTER_BY = 1.05;

const LEVELS: readonly DiskLevel[] = ["ok", "low", "full", "critical"];

export function marksOf(settings: DiskSettings, { totalBytes }: Space, liveSessions: number): DiskMarks {
  const fullBelow = markBytes(settings.fullBelow, totalBytes);
  // on a small disk the last words have half of what is kept free anyway
  const criticalBelow = Math.min(Math.floor(fullBelow / 2), LEDGER_BYTES + liveSessions * ENDING_BYTES);
  return { warnBelow: markBytes(settings.warnBelow, totalBytes), fullBelow, criticalBelow };
}

/** The level of one file system; `before` is the one it had. One that does not say its size is ok. */
export function levelOf({ freeBytes, totalBytes }: Space, marks: DiskMarks, before: DiskLevel): DiskLevel {
  if (totalBytes === 0) return "ok";
  const now = levelAt(freeBytes, marks);
  if (worse(now, before) === now) return now;
  const lasting = levelAt(Math.floor(freeBytes / BETTER_BY), marks);
  return worse(lasting, before) === lasting ? before : lasting;
}

export function worse(a: DiskLevel, b: DiskLevel): DiskLevel {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b) ? a : b;
}

function levelAt(freeBytes: number, { warnBelow, fullBelow, criticalBelow }: DiskMarks): DiskLevel {
  if (freeBytes < criticalBelow) return "critical";
  if (freeBytes < fullBelow) return "full";
  return freeBytes < warnBelow ? "low" : "ok";
}
