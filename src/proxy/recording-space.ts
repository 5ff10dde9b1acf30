/** What a session needs to know and do about the room that its recording has. */
export interface SpaceOptions {
  /** What control set aside at the start, in bytes of the recording. */
  readonly quotaBytes: number;
  /** Bytes of the recording so far. */
  readonly recordedBytes: () => number;
  /** Asks control for more; resolves with what the recording may be in all. Rejects while control is away. */
  readonly ask: (recordedBytes: number) => Promise<number>;
  /** Nothing more is to be read from either peer. */
  readonly hold: () => void;
  readonly release: () => void;
}

/** More is asked for when this share of the first quota is left, so that the answer is usually there before it is needed. */
const askAheadShare = 0.5;
/** With less left than this, nothing more is read until there is an answer: what is under way already must still fit. */
const holdBelowBytes = 256 * 1024;
/** A frame costs so much beside its payload, at most. */
const frameBytes = 64;
/** Control is restarted within a second or two. */
const askAgainMs = 250;

/**
 * Keeps a recording within the room that control has set aside for it. It asks for more in time; while the answer is
 * awaited, and where there is none, nothing is read from the peers, so that no disk is filled. Control cuts a session that
 * it has no room for.
 */
export class RecordingSpace {
  readonly #options: SpaceOptions;
  readonly #askBelow: number;
  readonly #holdBelow: number;
  #quotaBytes: number;
  /** At most what was recorded since it was last looked up. */
  #grown = 0;
  #recorded = 0;
  #isAsking = false;
  #isHeld = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpaceOptions) {
    this.#options = options;
    this.#quotaBytes = options.quotaBytes;
    this.#askBelow = options.quotaBytes * askAheadShare;
    this.#holdBelow = Math.min(holdBelowBytes, this.#askBelow / 2);
  }

  /** What the recording may be in all. */
  get quotaBytes(): number {
    return this.#quotaBytes;
  }

  /** A frame was appended. On the path of every packet: it looks at the recorder only when there might be too little left. */
  grew(payloadBytes: number): void {
    this.#grown += payloadBytes + frameBytes;
    if (this.#quotaBytes - this.#recorded - this.#grown < this.#askBelow) this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (this.#isStopped) return;
    this.#recorded = this.#options.recordedBytes(); // without one block that is not sealed yet; `holdBelowBytes` allows for it
    this.#grown = 0;
    const left = this.#quotaBytes - this.#recorded;
    if (left >= this.#askBelow) {
      this.#release();
      return;
    }
    if (left < this.#holdBelow) this.#hold();
    else this.#release();
    if (!this.#isAsking) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const before = this.#quotaBytes;
    try {
      this.#quotaBytes = Math.max(before, await this.#options.ask(this.#recorded));
    } catch {
      // control is away; what there is may still be used
    }
    this.#isAsking = false;
    if (this.#isStopped) return;
    if (this.#quotaBytes > before) this.#look();
    else this.#timer = setTimeout(() => this.#look(), askAgainMs);
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#options.hold();
  }

  #release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#options.release();
  }
}
