/** First wait after a failure, and the longest: a receiver that is away for long costs one request in this time. */
const DELAY_MIN_MS = 1000;
const DELAY_MAX_MS = 120_000;

/** A receiver's own wish (`Retry-After`) counts up to this; a wrong one must not silence it for a day. */
export const RETRY_AFTER_MAX_MS = 600_000;

/** More attempts for one message, some 17 minutes of a receiver that is away, and then it is given up for newer ones. */
export const ATTEMPTS_MAX = 15;

/**
 * How long to wait after so many failures in a row (from 1): doubling, and half of it by chance (`random` in [0, 1)), so
 * that several bastions do not come back in step. Never less than the receiver asked for.
 */
export function retryDelayMs(failuresInRow: number, random: number, retryAfterMs = 0): number {
  const full = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(failuresInRow - 1, 30));
  return Math.max(Math.round(full * (0.5 + random / 2)), retryAfterMs);
}

const SECONDS = /^\d{1,9}$/;

/** `Retry-After` (RFC 9110 section 10.2.3: seconds, or a date) in milliseconds from now, bounded; undefined for nonsense. */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const ms = SECONDS.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), RETRY_AFTER_MAX_MS);
}
