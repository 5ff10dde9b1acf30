import type { RequestId } from "../access/index.js";
import type { Clocks } from "./clocks.js";
import type { Keeper } from "./keeper.js";

/** How often the wall clock is looked at while a request waits: so late at most it lapses. */
const LOOK_EVERY_MS = 1000;

export interface LapseClockOptions {
  readonly keeper: Keeper;
  readonly clocks: Clocks;
  /** Is to write it down, if it is still so by then. */
  readonly onLapse: (request: RequestId) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** Says which requests nobody decided in time. */
export class LapseClock {
  readonly #options: LapseClockOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: LapseClockOptions) {
    this.#options = options;
  }

  /** There may be requests that wait. */
  start(): void {
    if (this.#isStopped || this.#timer !== undefined || this.#options.keeper.state.openRequests.size === 0)
      return;
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Requests whose time is over. */
  due(): readonly RequestId[] {
    const { keeper, clocks } = this.#options;
    const { openRequests, requests } = keeper.state;
    const nowMs = clocks.wallMs();
    return [...openRequests].filter((id) => nowMs >= (requests.get(id)?.request.lapsesAtMs ?? Infinity));
  }

  async #look(): Promise<void> {
    try {
      await Promise.all(this.due().map((request) => this.#options.onLapse(request)));
    } catch (error) {
      this.#options.onFailure(error);
    }
    this.#timer = undefined;
    this.start();
  }
}
