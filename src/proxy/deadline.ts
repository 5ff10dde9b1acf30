/** A session's end, by two clocks: whichever says first that the time is over is believed. */
export interface Clocks {
  /** Milliseconds that only go forward. */
  monotonicMs(): number;
  /** Milliseconds since 1970; may step. */
  wallMs(): number;
}

export const systemClocks: Clocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** Longest sleep between two looks at the wall clock, so that a step forward is seen within a second. */
const lookEveryMs = 1000;

export interface DeadlineEvents {
  /** `leftMs` before the end, at the moments that were asked for. */
  onNotice(leftMs: number): void;
  onEnd(): void;
}

export class Deadline {
  readonly #clocks: Clocks;
  readonly #events: DeadlineEvents;
  #monotonicEndMs = 0;
  #wallEndMs = 0;
  #notices: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(clocks: Clocks, events: DeadlineEvents) {
    this.#clocks = clocks;
    this.#events = events;
  }

  /** Milliseconds until the end; never more than either clock allows. */
  get leftMs(): number {
    return Math.min(
      this.#monotonicEndMs - this.#clocks.monotonicMs(),
      this.#wallEndMs - this.#clocks.wallMs(),
    );
  }

  /** Sets the end. Notices that do not fit into the time that is left are not given. */
  set(untilMs: number, remainingMs: number, noticesMs: readonly number[]): void {
    this.#setEnds(untilMs, this.#clocks.monotonicMs() + remainingMs, noticesMs);
  }

  /**
   * Moves the end. The monotonic end moves no further than the wall clock's: `remainingMs` comes from another process, which
   * may have started after the wall clock was set back.
   */
  move(untilMs: number, remainingMs: number, noticesMs: readonly number[]): void {
    const moved = this.#monotonicEndMs + (untilMs - this.#wallEndMs);
    this.#setEnds(untilMs, Math.min(moved, this.#clocks.monotonicMs() + remainingMs), noticesMs);
  }

  #setEnds(wallMs: number, monotonicMs: number, noticesMs: readonly number[]): void {
    this.#wallEndMs = wallMs;
    this.#monotonicEndMs = monotonicMs;
    const { leftMs } = this;
    this.#notices = noticesMs.filter((at) => at < leftMs).sort((a, b) => b - a);
    this.#sleep();
  }

  /** For good: an end that is moved later is not watched any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const untilNext = this.leftMs - (this.#notices[0] ?? 0);
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.min(untilNext, lookEveryMs)));
  }

  #look(): void {
    const { leftMs } = this;
    if (leftMs <= 0) {
      this.#events.onEnd();
      return;
    }
    const due = this.#notices.filter((at) => at >= leftMs);
    if (due.length > 0) {
      this.#notices = this.#notices.slice(due.length);
      this.#events.onNotice(leftMs);
    }
    this.#sleep();
  }
}
