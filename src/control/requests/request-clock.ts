import type { RequestId } from "../../access/index.js";
import type { Clocks } from "../clocks.js";
import { overFault } from "./end-request.js";
import type { Keeper } from "../keeper.js";

/** How often the wall clock is looked at while a request waits: so late at most it ends. */
const LOOK_EVERY_MS = 1000;

export interface RequestClockOptions {
  readonly keeper: Keeper;
  readonly clocks: Clocks;
  /** Is to write it down, if it is still so by then. */
  readonly onOver: (request: RequestId) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** Says which requests nobody can say yes to any more: nobody did in time, or what they would extend is over. */
export class RequestClock {
  readonly #options: RequestClockOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: RequestClockOptions) {
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

  /** Requests that are over. */
  due(): readonly RequestId[] {
    const { keeper, clocks } = this.#options;
    const nowMs = clocks.wallMs();
    return [...keeper.state.openRequests].filter((id) => overFault(keeper.state, id, nowMs) !== undefined);
  }

  async #look(): Promise<void> {
    try {
      await Promise.all(this.due().map((request) => this.#options.onOver(request)));
    } catch (error) {
      this.#options.onFailure(error);
    }
    this.#timer = undefined;
    this.start();
  }
}
