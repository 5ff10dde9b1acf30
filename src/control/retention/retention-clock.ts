import { AccessError, mayArchive, mayDelete, type SessionId } from "../../access/index.js";
import type { ControlLog } from "../log.js";
import {
  archiveRecording,
  deleteRecording,
  settleRecording,
  type Kept,
  type KeepingContext,
} from "./keep-recording.js";
import { SteadyClock } from "./steady-clock.js";

/** Retention is counted in days; nobody waits for it. */
const ROUND_EVERY_MS = 5 * 60_000;
/** Of each kind in one round: a clock that is wrong after all, or a policy that was, does its damage slowly and is seen. */
const DONE_PER_ROUND_MAX = 100;
/** Sessions that are looked at before others have their turn. */
const LOOKED_AT_IN_ONE_GO = 5000;

export interface RetentionClockOptions extends KeepingContext {
  readonly log: ControlLog;
}

/** How retention is doing, for people. */
export interface RetentionReport {
  /** Recordings whose time has come and that wait for the notice to be over. */
  readonly due: number;
  /** Until anything is deleted, because the clock is not trusted yet; 0 when it is. */
  readonly waitMs: number;
  /** Due, but kept by a hold. */
  readonly held: number;
  /** Recordings that could not be moved or deleted, and why. */
  readonly faults: readonly { readonly session: SessionId; readonly fault: string }[];
}

interface Due {
  readonly archive: SessionId[];
  readonly delete: SessionId[];
  held: number;
}

/** Moves recordings to the archive and deletes them when their time has come. */
export class RetentionClock {
  readonly #options: RetentionClockOptions;
  readonly #steady: SteadyClock;
  readonly #faults = new Map<SessionId, string>();
  /** Nothing was recorded of them. */
  readonly #absent = new Set<SessionId>();
  /** What a crash, or a file system that refused, may have left half done. */
  readonly #unsettled = new Set<SessionId>();
  #due = 0;
  #held = 0;
  #running: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** `lastSeenMs`: the time of the ledger's last entry before this start. */
  constructor(options: RetentionClockOptions, lastSeenMs: number | undefined) {
    this.#options = options;
    this.#steady = new SteadyClock(options.clocks, lastSeenMs);
    for (const { session, archived, deleted } of options.keeper.state.sessions.values())
      if (archived !== undefined || deleted !== undefined) this.#unsettled.add(session);
  }

  get report(): RetentionReport {
    const faults = [...this.#faults].map(([session, fault]) => ({ session, fault }));
    return { due: this.#due, held: this.#held, waitMs: this.#steady.waitMs, faults };
  }

  /** The first round begins at once, behind the caller's back. */
  start(): void {
    this.#timer = setTimeout(() => {
      this.round()
        .catch((error: unknown) =>
          this.#options.log.error({ error: String(error) }, "recordings neither moved nor deleted"),
        )
        .finally(() => this.#sleep());
    });
  }

  /** Does what is due now, a bounded part of it; what a crash left half done first. One round at a time. */
  round(): Promise<void> {
    const round = this.#running.then(() => this.#round());
    this.#running = round.catch(() => undefined);
    return round;
  }

  /** Ends behind the step that is being done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #round(): Promise<void> {
    const { log } = this.#options;
    const steppedMs = this.#steady.look();
    if (steppedMs !== 0)
      log.warn(
        { steppedMs, waitMs: this.#steady.waitMs },
        "the clock stepped: nothing is deleted for a while",
      );
    await this.#settle();
    const due = await this.#find();
    this.#forgetFaults(due);
    await this.#doEach(due.archive, archiveRecording);
    this.#held = due.held;
    this.#due = due.delete.length;
    const { waitMs } = this.#steady;
    if (this.#due > 0 && waitMs > 0)
      log.warn({ due: this.#due, waitMs }, "recordings are to be deleted soon");
    if (waitMs === 0) this.#due -= await this.#doEach(due.delete, deleteRecording);
    for (const [session, fault] of this.#faults)
      log.error({ session, fault }, "recording not moved or deleted");
  }

  async #settle(): Promise<void> {
    for (const session of [...this.#unsettled]) {
      if (this.#isStopped) return;
      await this.#do(session, settleRecording);
      if (!this.#faults.has(session)) this.#unsettled.delete(session);
    }
  }

  /** Of what is no longer to be done: a hold was set, or the archive is no longer in the configuration. */
  #forgetFaults(due: Due): void {
    const wanted = new Set([...due.archive, ...due.delete, ...this.#unsettled]);
    for (const session of this.#faults.keys()) if (!wanted.has(session)) this.#faults.delete(session);
  }

  /** What is due, oldest first. */
  async #find(): Promise<Due> {
    const { keeper, clocks, config } = this.#options;
    const due: Due = { archive: [], delete: [], held: 0 };
    let looked = 0;
    for (const session of keeper.state.sessions.values()) {
      if (++looked % LOOKED_AT_IN_ONE_GO === 0) await new Promise((resolve) => setImmediate(resolve));
      if (session.retention === undefined || this.#absent.has(session.session)) continue;
      const nowMs = clocks.wallMs();
      const verdict = mayDelete(keeper.state, session, nowMs);
      if (verdict.ok) due.delete.push(session.session);
      else if (verdict.reason === "held") due.held += 1;
      if (!verdict.ok && config().archive !== undefined && mayArchive(session, nowMs))
        due.archive.push(session.session);
    }
    return due;
  }

  async #doEach(
    sessions: readonly SessionId[],
    step: (context: KeepingContext, session: SessionId) => Promise<Kept>,
  ): Promise<number> {
    let done = 0;
    const inOrder = [
      ...sessions.filter((session) => !this.#faults.has(session)),
      ...sessions.filter((session) => this.#faults.has(session)), // those with a fault must not keep the others waiting
    ];
    for (const session of inOrder.slice(0, DONE_PER_ROUND_MAX)) {
      if (this.#isStopped) break;
      if (await this.#do(session, step)) done += 1;
    }
    return done;
  }

  /** One recording's trouble is no other's. What the ledger cannot take ends the round. */
  async #do(
    session: SessionId,
    step: (context: KeepingContext, session: SessionId) => Promise<Kept>,
  ): Promise<boolean> {
    try {
      const kept = await step(this.#options, session);
      this.#faults.delete(session);
      if (kept === "absent") this.#absent.add(session);
      if (typeof kept === "object") this.#faults.set(session, kept.fault);
      return kept === "done";
    } catch (error) {
      const isItsOwn = error instanceof AccessError || (error instanceof Error && "syscall" in error);
      if (!isItsOwn) throw error;
      this.#faults.set(session, error.message);
      this.#unsettled.add(session);
      return false;
    }
  }

  #sleep(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => this.start(), ROUND_EVERY_MS);
  }
}
