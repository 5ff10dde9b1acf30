import type { CutOrder, RecordingHead } from "../rpc/index.js";

/** A session as far as control's orders go. */
export interface OrderedSession {
  readonly id: string;
  readonly ended: boolean;
  readonly head: RecordingHead;
  cut(order: Pick<CutOrder, "reason" | "text">): void;
  moveDeadline(untilMs: number, remainingMs: number): void;
  reportHead(): void;
}

/**
 * A session that control has allowed and whose recording and target are still being prepared. An order to cut it that comes
 * meanwhile must not be lost: it aborts what is under way.
 */
export class OpeningSession implements OrderedSession {
  readonly id: string;
  readonly ended = false;
  readonly head: RecordingHead = { bytes: 0, blocks: 0, hash: "" };
  readonly #abort = new AbortController();
  #words = "";

  constructor(id: string) {
    this.id = id;
  }

  /** Aborted by a cut. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** What the person is told after a cut. */
  get words(): string {
    return this.#words;
  }

  cut({ text }: Pick<CutOrder, "reason" | "text">): void {
    if (this.#abort.signal.aborted) return;
    this.#words = `bascule: session ${this.id} closed: ${text}`;
    this.#abort.abort();
  }

  /** What control said when it allowed the session still holds; opening it takes seconds at most. */
  moveDeadline(): void {
    // the deadline is set when the session stands
  }

  reportHead(): void {
    // there is nothing in the recording yet
  }
}
