/**
 * One after another for each key: what is decided from the state must still be true when its event is folded, and the disk
 * lies between the two.
 */
export class Turns<K> {
  /** The last in the queue of each key; never rejects. */
  readonly #last = new Map<K, Promise<unknown>>();

  /** Does `work` when all that came before for this key is done. Settles as it does. */
  take<T>(key: K, work: () => Promise<T>): Promise<T> {
    const mine = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const settled: Promise<void> = mine.then(
      () => this.#leave(key, settled),
      () => this.#leave(key, settled),
    );
    this.#last.set(key, settled);
    return mine;
  }

  /** Resolves when nothing is being done, or waits to be done, for this key. */
  async free(key: K): Promise<void> {
    for (let last = this.#last.get(key); last !== undefined; last = this.#last.get(key)) await last;
  }

  #leave(key: K, settled: Promise<unknown>): void {
    if (this.#last.get(key) === settled) this.#last.delete(key);
  }
}
