/** Addresses remembered at once; beyond it the oldest are forgotten, and may be noted a second time in a minute. */
const ADDRESSES_MAX = 10_000;
const MINUTE_MS = 60_000;

/** Strangers are counted; at most one a minute from each address is worth a ledger entry. */
export class StrangerCounter {
  /** To the monotonic time of the last note, oldest first. */
  readonly #noted = new Map<string, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts one; true when it is to be written down. */
  note(address: string, monotonicMs: number): boolean {
    this.#count += 1;
    const last = this.#noted.get(address);
    if (last !== undefined && monotonicMs - last < MINUTE_MS) return false;
    this.#noted.delete(address);
    this.#noted.set(address, monotonicMs);
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > ADDRESSES_MAX && oldest !== undefined) this.#noted.delete(oldest);
    return true;
  }
}
