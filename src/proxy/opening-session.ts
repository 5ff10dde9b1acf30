import type { CutOrder, RecordingHead } from "../rpc/index.js";

/** A session as far as control's orders go. */
export interface OrderedSession {
  readonly id: string;
  readonly ended: boolean;
  readonly head: RecordingHead;
  /** What control has set aside for its recording. */
  readonly quotaBytes: number;
  cut(order: Pick<CutOrder, "reason" | "text">): void;
  moveDeadline(untilMs: number, remainingMs: number): void;
  reportHead(): void;
}

/**
 * A session that control has allowed and whose recording and target are still being prepared. Orders that come meanwhile
 * must not be lost: a cut aborts what is under way, a moved deadline is for the session that then stands.
 */
export class OpeningSession implements OrderedSession {
  readonly id: string;
  readonly quotaBytes: number;
  readonly ended = false;
  readonly head: RecordingHead = { bytes: 0, blocks: 0, hash: "" };
  readonly #abort = new AbortController();
  #words = "";
  #moved: { untilMs: number; remainingMs: number; atMs: number } | undefined;

  constructor(id: string, quotaBytes: number) {
    this.id = id;
    this.quotaBytes = quotaBytes;
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

  /** Kept until the session stands: `handOver`. */
  moveDeadline(untilMs: number, remainingMs: number): void {
    this.#moved = { untilMs, remainingMs, atMs: performance.now() };
  }

  /** Tells the session that now stands what was ordered meanwhile, with the time that has gone by taken off. */
  handOver(session: OrderedSession): void {
    if (!this.#moved) return;
    const { untilMs, remainingMs, atMs } = this.#moved;
    session.moveDeadline(untilMs, Math.max(0, remainingMs - (performance.now() - atMs)));
  }

  reportHead(): void {
    // there is nothing in the recording yet
  }
}
