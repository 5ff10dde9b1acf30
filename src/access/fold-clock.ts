import type { LedgerClock } from "./state.js";

/** A clock that is set back by less than this is being corrected, and nobody's business. */
export const CLOCK_STEP_MS = 60_000;

/** The ledger's clock after an entry of that time. */
export function tick(clock: LedgerClock, atMs: number): LedgerClock {
  const stepMs = clock.atMs === 0 ? 0 : atMs - clock.atMs;
  const elapsedMs = clock.elapsedMs + Math.max(0, stepMs);
  const setBack = stepMs < -CLOCK_STEP_MS ? { atMs, byMs: -stepMs } : clock.setBack;
  return { atMs, elapsedMs, ...(setBack && { setBack }) };
}

/**
 * What is left at most of a span that began with an entry, as the ledger's entries alone tell it: time that went by between them is
 * gone, whatever the clock was set to afterwards. Negative when it is over.
 */
export function leftByLedgerMs(
  { elapsedMs }: LedgerClock,
  began: { readonly atMs: number; readonly atElapsedMs: number },
  untilMs: number,
): number {
  return untilMs - began.atMs - (elapsedMs - began.atElapsedMs);
}
