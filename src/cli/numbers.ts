import { InvalidArgumentError } from "commander";
import { parseDuration } from "../wording/index.js";

/** A duration argument in milliseconds, for commander. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("expected a duration such as 90s, 30m or 1h30m");
  return ms;
}

/** A channel's number. */
export function channelNumber(text: string): number {
  if (!/^\d{1,6}$/u.test(text)) throw new InvalidArgumentError("expected a channel's number, such as 1");
  return Number(text);
}

/** How fast to play. */
export function speedFactor(text: string): number {
  const factor = /^\d{1,4}(\.\d{1,3})?$/u.test(text) ? Number(text) : 0;
  if (factor <= 0) throw new InvalidArgumentError("expected a factor such as 2 or 0.5");
  return factor;
}
