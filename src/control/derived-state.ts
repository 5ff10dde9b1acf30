import { tryFold, type AccessError, type AccessEvent, type State } from "../access/index.js";
import type { LedgerRecord } from "../ledger/index.js";

/** What is true, and after how many entries. */
export class DerivedState {
  readonly state: State;
  #size: number | undefined;

  constructor(state: State, size: number) {
    this.state = state;
    this.#size = size;
  }

  /** How many entries are in it; undefined when one failed half-way, so that it is the state of none. */
  get size(): number | undefined {
    return this.#size;
  }

  /** Folds the next entry; one that cannot be changes nothing, and why comes back. Throws TypeError for any other entry than the next. */
  fold({ index, entry, atMs }: LedgerRecord<AccessEvent>): AccessError | undefined {
    if (index !== this.#size) throw new TypeError(`entry ${index} behind ${this.#size ?? "a half one"}`);
    this.#size = undefined;
    const fault = tryFold(this.state, entry, atMs);
    this.#size = index + 1;
    return fault;
  }
}
