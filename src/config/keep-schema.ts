import { z } from "zod";
import { DURATION, parseDuration } from "../wording/index.js";
import { INDEX_MODES, type Retention } from "../access/index.js";
import { DEFAULTS } from "./defaults.js";
import type { DiskMark } from "./disk-mark.js";
import { DISK_MARK, DISK_MARK_EXPECTED, parseDiskMark } from "./disk-mark.js";
import * as leaf from "./leaf.js";

const YEAR_DAYS = 365;
const DAY_MS = 86_400_000;
/** Longer than any law asks; what has no end is left out. */
const YEARS_MAX = 100;

const YEARS = /^[1-9]\d{0,2}y$/;
const SPAN = new RegExp(`${YEARS.source}|${DURATION.source}`);

/** How long recordings are at hand, and kept at all. */
export function retention() {
  return leaf
    .section({
      atHand: span().optional().describe("Then a recording moves to the archive"),
      keep: span().optional().describe("Then it is deleted, and its hash stays"),
    })
    .transform(({ atHand, keep }): Retention => ({
      ...(atHand !== undefined && { atHandMs: atHand }),
      ...(keep !== undefined && { keepMs: keep }),
    }));
}

/** What search may keep. */
export function indexMode() {
  return leaf.oneOf(INDEX_MODES);
}

/** When the disk counts as low or full, what is set aside, and what then happens. */
export function disk() {
  const { warnBelow, fullBelow, reserve, ballast, whenFull } = DEFAULTS.disk;
  return leaf.section({
    warnBelow: mark().prefault(warnBelow).describe("Less free space than this is low"),
    fullBelow: mark().prefault(fullBelow).describe("Less free space than this is full"),
    reserve: leaf
      .size("64KiB", "64GiB")
      .prefault(reserve)
      .describe("Set aside for each session at its start"),
    ballast: leaf
      .size("0B", "64GiB")
      .prefault(ballast)
      .describe("Size of a file that is given up when the disk is all but full"),
    whenFull: leaf
      .oneOf(["refuse", "two-people"])
      .prefault(whenFull)
      .describe("Whether two admins may let sessions begin on a full disk"),
  });
}

function span() {
  const expected = `a duration such as 36h, 90d or 2y, from 1m to ${YEARS_MAX}y`;
  return leaf.parsed(expected, parseSpan, SPAN);
}

/** Milliseconds; a year has 365 days. */
function parseSpan(text: string): number | undefined {
  const ms = YEARS.test(text) ? parseInt(text, 10) * YEAR_DAYS * DAY_MS : parseDuration(text);
  return ms !== undefined && ms >= 60_000 && ms <= YEARS_MAX * YEAR_DAYS * DAY_MS ? ms : undefined;
}

function mark(): z.ZodType<DiskMark, string> {
  return leaf.parsed(DISK_MARK_EXPECTED, parseDiskMark, DISK_MARK);
}
