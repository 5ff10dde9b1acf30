import type { Clocks } from "./clocks.js";

/** Longest sleep between two looks at the wall clock: so late at most is an end after that clock stepped forward. */
const LOOK_EVERY_MS = 250;

interface End {
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly isTold: boolean;
}

/**
 * Says, once, when the time of something is over: by the wall clock or by the monotonic one, whichever is first. It stays over until
 * its end is moved or forgotten.
 */
export class EndClock<K> {
  readonly #clocks: Clocks;
  readonly #onEnd: (key: K) => void;
  readonly #ends = new Map<K, End>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clocks: Clocks, onEnd: (key: K) => void) {
    this.#clocks = clocks;
    this.#onEnd = onEnd;
  }

  /** Sets an end; `leftMs` is what is left of it at most, where the wall clock alone is not to be believed. */
  set(key: K, untilMs: number, leftMs = Infinity): void {
    const monotonicMs = this.#clocks.monotonicMs() + Math.min(leftMs, untilMs - this.#clocks.wallMs());
    this.#ends.set(key, { wallMs: untilMs, monotonicMs, isTold: false });
    this.#sleep();
  }

  /** Moves an end that there is, by as much on both clocks: the wall clock may have been set back since. */
  move(key: K, untilMs: number): void {
    const end = this.#ends.get(key);
    if (end === undefined) return;
    const monotonicMs = end.monotonicMs + (untilMs - end.wallMs);
    this.#ends.set(key, { wallMs: untilMs, monotonicMs, isTold: false });
    this.#sleep();
  }

  forget(key: K): void {
    this.#ends.delete(key);
  }

  /** Milliseconds that are left, at most what either clock allows; 0 for what is not known. */
  leftMs(key: K): number {
    const end = this.#ends.get(key);
    return end === undefined ? 0 : Math.max(0, this.#left(end));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ends.clear();
  }

  #left(end: End): number {
    return Math.min(end.wallMs - this.#clocks.wallMs(), end.monotonicMs - this.#clocks.monotonicMs());
  }

  /** Wakes at the first end, or to look at the clocks; a look that is due comes before ends that are added. */
  #sleep(): void {
    clearTimeout(this.#timer);
    let next = LOOK_EVERY_MS;
    let isAny = false;
    for (const end of this.#ends.values()) {
      if (end.isTold) continue;
      isAny = true;
      next = Math.min(next, this.#left(end));
    }
    if (isAny) this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.ceil(next)));
  }

  #look(): void {
    for (const [key, end] of [...this.#ends]) {
      if (end.isTold || this.#left(end) > 0) continue;
      this.#ends.set(key, { ...end, isTold: true });
      this.#onEnd(key);
    }
    this.#sleep();
  }
}
