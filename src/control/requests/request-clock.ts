import { leftByLedgerMs, type RequestId } from "../../access/index.js";
import type { Clocks } from "../clocks.js";
import { EndClock } from "../end-clock.js";
import { overFault } from "./end-request.js";
import type { Keeper } from "../keeper.js";

/** How often it is looked whether what a request would extend is over: so late at most it ends. */
const LOOK_EVERY_MS = 1000;

export interface RequestClockOptions {
  readonly keeper: Keeper;
  readonly clocks: Clocks;
  /** Is to write it down, if it is still open by then. */
  readonly onOver: (request: RequestId) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Says which requests nobody can say yes to any more: nobody did in time, by the wall clock or the monotonic one, or what they would
 * extend is over.
 */
export class RequestClock {
  readonly #options: RequestClockOptions;
  /** When each open request lapses. */
  readonly #lapses: EndClock<RequestId>;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: RequestClockOptions) {
    this.#options = options;
    this.#lapses = new EndClock<RequestId>(options.clocks, () => void this.#look());
    for (const id of options.keeper.state.openRequests) this.#set(id);
    options.keeper.watch(({ entry }) => {
      if (entry.type === "request.made") this.#set(entry.request.id);
      else if ("request" in entry && typeof entry.request === "string") this.#forgetEnded(entry.request);
    }, options.onFailure);
  }

  /** There may be requests that wait. */
  start(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#options.keeper.state.openRequests.size === 0)
      return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#look().then(() => this.start());
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#lapses.stop();
  }

  /** Whether a request's time is over by either clock. */
  hasLapsed(id: RequestId): boolean {
    return this.#options.keeper.state.openRequests.has(id) && this.#lapses.leftMs(id) === 0;
  }

  /** Requests that are over. */
  due(): readonly RequestId[] {
    const { keeper, clocks } = this.#options;
    const nowMs = clocks.wallMs();
    const isOver = (id: RequestId) => this.hasLapsed(id) || overFault(keeper.state, id, nowMs) !== undefined;
    return [...keeper.state.openRequests].filter(isOver);
  }

  #set(id: RequestId): void {
    const { clock, requests } = this.#options.keeper.state;
    const held = requests.get(id);
    if (held === undefined) return;
    const { madeAtMs: atMs, madeAtElapsedMs: atElapsedMs, request } = held;
    this.#lapses.set(
      id,
      request.lapsesAtMs,
      leftByLedgerMs(clock, { atMs, atElapsedMs }, request.lapsesAtMs),
    );
  }

  #forgetEnded(id: RequestId): void {
    if (!this.#options.keeper.state.openRequests.has(id)) this.#lapses.forget(id);
  }

  async #look(): Promise<void> {
    try {
      await Promise.all(this.due().map((request) => this.#options.onOver(request)));
    } catch (error) {
      this.#options.onFailure(error);
    }
  }
}
