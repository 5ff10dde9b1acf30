import type { Clocks } from "../clocks.js";

/** How long both clocks must have gone side by side before anything is deleted by what they say. */
const NOTICE_MS = 3_600_000;
/** The same after a start or a step by which more than a day went by unseen: somebody may have to look at a clock. */
const LONG_NOTICE_MS = 24 * 3_600_000;
const LONG_GAP_MS = 24 * 3_600_000;
/** Two looks apart, and what an ordinary clock is corrected by. */
const APART_MS_MAX = 30_000;
/** A quartz that is wrong by a minute a day, many times over. */
const DRIFT = 0.005;

/**
 * Says whether the wall clock may be believed with what cannot be undone. One that stepped, forwards or back, is believed again
 * when it has gone beside the monotonic clock for a while; so is one at the bastion's start, as nobody saw what it did before.
 */
export class SteadyClock {
  readonly #clocks: Clocks;
  #wallMs: number;
  #monotonicMs: number;
  #noticeMs: number;

  /** `lastSeenMs` is the latest time that is known from before the start: of the ledger's last entry. */
  constructor(clocks: Clocks, lastSeenMs: number | undefined) {
    this.#clocks = clocks;
    this.#wallMs = clocks.wallMs();
    this.#monotonicMs = clocks.monotonicMs();
    this.#noticeMs = noticeAfter(lastSeenMs === undefined ? 0 : this.#wallMs - lastSeenMs);
  }

  /** Compares the clocks; gives by how much the wall clock has stepped since the last look, 0 when it has not. */
  look(): number {
    const wallMs = this.#clocks.wallMs();
    const monotonicMs = this.#clocks.monotonicMs();
    const passedMs = monotonicMs - this.#monotonicMs;
    const steppedMs = wallMs - this.#wallMs - passedMs;
    if (Math.abs(steppedMs) <= APART_MS_MAX + passedMs * DRIFT) return 0;
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#noticeMs = noticeAfter(steppedMs);
    return steppedMs;
  }

  /** Milliseconds until it is believed; 0 when it is. As of the last look. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(this.#monotonicMs + this.#noticeMs - this.#clocks.monotonicMs()));
  }
}

function noticeAfter(gapMs: number): number {
  return Math.abs(gapMs) > LONG_GAP_MS ? LONG_NOTICE_MS : NOTICE_MS;
}
