/** First wait after a failure, and the longest: a witness that is away for long costs one request in this time. */
const DELAY_MIN_MS = 500;
const DELAY_MAX_MS = 60_000;

/**
 * How long to wait after so many failures in a row (from 1): doubling, and half of it by chance (`random` in [0, 1)), so
 * that several bastions do not come back in step.
 */
export function askAgainAfterMs(failuresInRow: number, random: number): number {
  const full = Math.min(DELAY_MAX_MS, DELAY_MIN_MS * 2 ** Math.min(failuresInRow - 1, 30));
  return Math.round(full * (0.5 + random / 2));
}
