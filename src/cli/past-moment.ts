import { InvalidArgumentError } from "commander";
import { parseDuration } from "../wording/index.js";

const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z| ?UTC|[+-]\d{2}:\d{2}))?$/u;

/** A time that has passed, in milliseconds: `24h` (ago), a day in UTC, or a moment with its zone. For commander. */
export function pastMoment(text: string): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  const iso = text.replace(" UTC", "Z").replace("UTC", "Z").replace(" ", "T");
  const day = iso.slice(0, 10);
  const atMs = MOMENT.test(text) ? Date.parse(iso) : NaN;
  // Date takes 30 February for 2 March
  const isDay = !Number.isNaN(atMs) && new Date(`${day}T00:00Z`).toISOString().startsWith(day);
  if (!isDay) throw new InvalidArgumentError("expected 24h (ago), 2026-11-21, or 2026-11-21T14:00Z");
  return atMs;
}
