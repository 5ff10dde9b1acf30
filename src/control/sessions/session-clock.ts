import type { SessionId } from "../../access/index.js";
import type { Clocks } from "../clocks.js";

/** Longest sleep between two looks at the wall clock: so late at most is a cut after that clock stepped forward. */
const LOOK_EVERY_MS = 250;

interface End {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/**
 * Says when each live session's time is over: by the wall clock or by the monotonic one, whichever is first. The proxy
 * keeps the same deadline by itself; this one holds for a proxy that does not.
 */
export class SessionClock {
  readonly #clocks: Clocks;
  readonly #onEnd: (session: SessionId) => void;
  readonly #ends = new Map<SessionId, End>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clocks: Clocks, onEnd: (session: SessionId) => void) {
    this.#clocks = clocks;
    this.#onEnd = onEnd;
  }

  /** Sets a session's end. */
  set(session: SessionId, untilMs: number): void {
    const monotonicMs = this.#clocks.monotonicMs() + (untilMs - this.#clocks.wallMs());
    this.#ends.set(session, { wallMs: untilMs, monotonicMs });
    this.#sleep();
  }

  /** Moves the end of a session that has one, by as much on both clocks: the wall clock may have been set back since. */
  move(session: SessionId, untilMs: number): void {
    const end = this.#ends.get(session);
    if (end === undefined) return;
    this.#ends.set(session, { wallMs: untilMs, monotonicMs: end.monotonicMs + (untilMs - end.wallMs) });
    this.#sleep();
  }

  forget(session: SessionId): void {
    this.#ends.delete(session);
  }

  /** Milliseconds that a session has left, at most what either clock allows; 0 for one that is not known. */
  leftMs(session: SessionId): number {
    const end = this.#ends.get(session);
    return end === undefined ? 0 : Math.max(0, this.#left(end));
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#ends.clear();
  }

  #left(end: End): number {
    return Math.min(end.wallMs - this.#clocks.wallMs(), end.monotonicMs - this.#clocks.monotonicMs());
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.#ends.size === 0) return;
    let next = LOOK_EVERY_MS;
    for (const end of this.#ends.values()) next = Math.min(next, this.#left(end));
    this.#timer = setTimeout(() => this.#look(), Math.max(0, Math.ceil(next)));
  }

  #look(): void {
    for (const [session, end] of [...this.#ends]) {
      if (this.#left(end) > 0) continue;
      this.#ends.delete(session);
      this.#onEnd(session);
    }
    this.#sleep();
  }
}
