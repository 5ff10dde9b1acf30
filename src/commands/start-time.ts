import { DURATION, parseDuration } from "../wording/index.js";
import { usage } from "./command-error.js";

/** When something is to begin, as a person says it: it takes the time of now to know when that is (wall clock, ms). */
export type StartTime = (nowMs: number) => number;

const EXPECTED = "a time such as +2h, 14:00 UTC or 2026-11-21T14:00Z";
const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?: ?(Z|UTC|[+-]\d{2}:\d{2}))$/u;
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d) ?(?:Z|UTC)$/u;
const DAY_MS = 86_400_000;
/** A time that has only just passed was meant as now. */
const LATE_MS_MAX = 60_000;

/**
 * Takes `+2h`, `14:00 UTC` (the next one) and `2026-11-21T14:00Z`, with an offset or as times are shown here. A time without its
 * zone is refused: it would be the wrong one for somebody. Throws CommandError `usage`, the result too, for what is past.
 */
export function parseStartTime(text: string, argument: string): StartTime {
  const span =
    text.startsWith("+") && DURATION.test(text.slice(1)) ? parseDuration(text.slice(1)) : undefined;
  if (span !== undefined) return (nowMs) => nowMs + span;
  const [clock, hours, minutes] = CLOCK.exec(text) ?? [];
  if (clock !== undefined) return (nowMs) => nextClock(Number(hours) * 60 + Number(minutes), nowMs);
  const atMs = momentOf(text);
  if (atMs === undefined) throw usage(argument, EXPECTED);
  return (nowMs) => {
    if (atMs < nowMs - LATE_MS_MAX) throw usage(argument, "a time that is still to come");
    return atMs;
  };
}

function nextClock(minutesOfDay: number, nowMs: number): number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + minutesOfDay * 60_000;
  return today < nowMs - LATE_MS_MAX ? today + DAY_MS : today;
}

/** Undefined also for a day that no calendar has: Date would make the next month of it. */
function momentOf(text: string): number | undefined {
  const [, day, time, zone = ""] = MOMENT.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const isDay = new Date(`${day}T00:00Z`);
  if (Number.isNaN(isDay.getTime()) || !isDay.toISOString().startsWith(day)) return undefined;
  const atMs = Date.parse(`${day}T${time}${zone === "UTC" ? "Z" : zone}`);
  return Number.isNaN(atMs) ? undefined : atMs;
}
