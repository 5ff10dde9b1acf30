import { CLOCK_STEP_MS, type LedgerClock } from "../access/index.js";
import type { Clocks } from "./clocks.js";
import type { Keeper } from "./keeper.js";
import type { ControlLog } from "./log.js";

/** How often the two clocks are held against each other. */
const LOOK_EVERY_MS = 1000;

/** A step of the wall clock, forward if positive, and when it was seen by that clock. */
export interface ClockStep {
  readonly atMs: number;
  readonly byMs: number;
}

/** Sees the wall clock step by more than a minute, and tells the operator: ends of grants rest on it. */
export class ClockWatch {
  readonly #keeper: Keeper;
  readonly #clocks: Clocks;
  readonly #log: ControlLog;
  readonly #timer: NodeJS.Timeout;
  /** Wall clock minus monotonic clock, when last looked at. */
  #apartMs: number;
  #step: ClockStep | undefined;

  constructor({ keeper, clocks, log }: { keeper: Keeper; clocks: Clocks; log: ControlLog }) {
    this.#keeper = keeper;
    this.#clocks = clocks;
    this.#log = log;
    this.#apartMs = clocks.wallMs() - clocks.monotonicMs();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    const atOpening = keeper.state.clock;
    this.#tellSetBack(undefined, atOpening);
    let before = atOpening;
    keeper.watch(
      () => {
        this.look();
        this.#tellSetBack(before, keeper.state.clock);
        before = keeper.state.clock;
      },
      (error) => log.error({ error: String(error) }, "time of an entry not looked at"),
    );
  }

  /** The last step of this run, if there was one. */
  get step(): ClockStep | undefined {
    return this.#step;
  }

  /** When an entry was last much older than the one before it. */
  get setBack(): LedgerClock["setBack"] {
    return this.#keeper.state.clock.setBack;
  }

  look(): void {
    const atMs = this.#clocks.wallMs();
    const apartMs = atMs - this.#clocks.monotonicMs();
    const byMs = apartMs - this.#apartMs;
    this.#apartMs = apartMs;
    if (Math.abs(byMs) <= CLOCK_STEP_MS) return;
    this.#step = { atMs, byMs: Math.round(byMs) };
    this.#log.warn({ byMs: this.#step.byMs }, "wall clock stepped; grants end by the clock that is ahead");
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tellSetBack(before: LedgerClock | undefined, { setBack }: LedgerClock): void {
    if (setBack === undefined || setBack === before?.setBack) return;
    this.#log.warn({ ...setBack }, "ledger entry older than the one before it: the wall clock was set back");
  }
}
