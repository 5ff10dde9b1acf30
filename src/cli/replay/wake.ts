/** The time, as the player needs it; tests give another. */
export interface PlayerClock {
  nowMs(): number;
  /** Resolves after `ms` or when the signal aborts, whichever is first. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A sleep that others can end: by a key, by new frames. A wake while nobody sleeps ends the next sleep at once. */
export class Wake {
  readonly #clock: PlayerClock;
  #alarm = new AbortController();

  constructor(clock: PlayerClock) {
    this.#clock = clock;
  }

  wake(): void {
    this.#alarm.abort();
  }

  async sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, this.#alarm.signal);
    if (this.#alarm.signal.aborted) this.#alarm = new AbortController();
  }
}
