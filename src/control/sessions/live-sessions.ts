import {
  BASTION,
  type CutReason,
  type EventOf,
  type GrantId,
  type SessionId,
  type SessionOutcome,
  type SessionState,
} from "../../access/index.js";
import type { EndedRecording, LiveSession, OrderName, Orders } from "../../rpc/index.js";
import type { Clocks } from "../clocks.js";
import type { Keeper } from "../keeper.js";
import type { ControlLog } from "../log.js";
import { EndClock } from "../end-clock.js";

/** A proxy as far as its sessions go. */
export interface SessionCarrier {
  readonly name: string;
  send<N extends OrderName>(name: N, order: Orders[N]): void;
}

export interface LiveSessionsOptions {
  readonly keeper: Keeper;
  readonly clocks: Clocks;
  readonly log: ControlLog;
  /** What a session's recording says when nobody else can: its head, and whether it was closed in order. */
  readonly inspect: (
    session: SessionState,
  ) => Promise<{ head?: NonNullable<EventOf<"session.ended">["head"]>; isClosed: boolean }>;
}

/** How a session ended, and what there is of its recording. */
interface End {
  readonly outcome: SessionOutcome;
  readonly head?: NonNullable<EventOf<"session.ended">["head"]>;
}

/** The sessions that are running now, the proxies that carry them, and the ways they end. */
export class LiveSessions {
  readonly #keeper: Keeper;
  readonly #options: LiveSessionsOptions;
  readonly #clock: EndClock<SessionId>;
  readonly #carriers = new Map<SessionId, SessionCarrier>();
  /** What proxies were told to cut and have not ended yet. */
  readonly #orderedCuts = new Map<SessionId, Orders["cut"]>();
  /** Sessions whose cut is being written. */
  readonly #cutting = new Set<SessionId>();
  /** Sessions whose end is being written: a proxy that is lost, comes back and reports must not end them twice. */
  readonly #ending = new Set<SessionId>();

  constructor(options: LiveSessionsOptions) {
    this.#keeper = options.keeper;
    this.#options = options;
    this.#clock = new EndClock<SessionId>(options.clocks, (session) => this.#onTimeOver(session));
  }

  /** A session that was just opened, or that its proxy came back with. */
  attach(session: SessionId, carrier: SessionCarrier, untilMs: number): void {
    this.#carriers.set(session, carrier);
    this.#clock.set(session, untilMs);
  }

  leftMs(session: SessionId): number {
    return this.#clock.leftMs(session);
  }

  /** A grant was extended: its live sessions end later, also in their proxies. Those that are being ended already do not. */
  moveDeadlines(grant: GrantId): void {
    const { liveSessions, sessions } = this.#keeper.state;
    for (const id of liveSessions) {
      const session = sessions.get(id);
      if (session?.grant !== grant || session.cut !== undefined) continue;
      this.#clock.move(id, session.untilMs);
      this.#sendDeadline(id, session.untilMs);
    }
  }

  /**
   * The answer that lets a session begin has gone out. What was ordered while it was on its way came before it, and meant
   * nothing to the proxy yet.
   */
  answered(session: SessionId, untilMs: number): void {
    const order = this.#orderedCuts.get(session);
    if (order !== undefined) this.#carriers.get(session)?.send("cut", order);
    const state = this.#keeper.state.sessions.get(session);
    if (order === undefined && state !== undefined && state.untilMs !== untilMs)
      this.#sendDeadline(session, state.untilMs);
  }

  /** Whether a proxy speaks for a session: it opened it, or came back with it, and it has not ended. */
  isCarriedBy(session: SessionId, carrier: SessionCarrier): boolean {
    return this.#carriers.get(session) === carrier;
  }

  /**
   * A proxy (re)connected. What it still carries is taken up again; what it had carried and no longer does, ended while
   * nobody listened. A session that the ledger holds for over is cut.
   */
  async announce(carrier: SessionCarrier, announced: readonly LiveSession[]): Promise<void> {
    const still = new Set<string>();
    for (const { session, head } of announced) {
      const state = this.#keeper.state.sessions.get(session as SessionId);
      if (state?.ended !== undefined || state?.proxy !== carrier.name) {
        carrier.send("cut", {
          session,
          reason: "control-lost",
          text: "the bastion was restarted without it",
        });
        continue;
      }
      still.add(session);
      this.attach(state.session, carrier, state.untilMs);
      this.#sendDeadline(state.session, state.untilMs);
      if (head.blocks > 0)
        await this.#keeper.record({ type: "recording.head", session: state.session, ...head });
      await this.#cutAgain(state);
    }
    for (const session of this.#liveOf(carrier.name))
      if (!still.has(session)) await this.interrupted(session);
  }

  /** The order for a cut, or what would have caused one, was written down when no proxy could hear of it. */
  async #cutAgain({ session, cut, grant }: SessionState): Promise<void> {
    const held = this.#keeper.state.grants.get(grant);
    const gone = held?.revoked ? "grant-revoked" : held?.ended ? "grant-ended" : undefined;
    const reason = cut?.reason ?? gone;
    if (reason === undefined) return;
    const text = reason === "grant-ended" ? `grant ${grant} has ended` : `it was ended (${reason})`;
    await this.cut(session, reason, cut?.by ?? BASTION, text);
  }

  /** A proxy is gone for good, and what it carried with it. */
  async proxyLost(name: string): Promise<void> {
    for (const session of this.#liveOf(name)) await this.interrupted(session);
    await this.#keeper.record({ type: "proxy.lost", proxy: name });
  }

  /** Sessions of the state for which no proxy has spoken. */
  orphans(): SessionId[] {
    return [...this.#keeper.state.liveSessions].filter((session) => !this.#carriers.has(session));
  }

  /** Ends, in the books, a session of which no proxy speaks any more. */
  async interrupted(session: SessionId): Promise<void> {
    await this.#end(session, async (state) => {
      const { head, isClosed } = await this.#options.inspect(state);
      const outcome = isClosed ? (state.cut === undefined ? "closed" : "cut") : "interrupted";
      return { outcome, ...(head && { head }) };
    });
  }

  /**
   * The proxy says that a session is over. `ownReason` is why the proxy cut it, when it did so without an order: it keeps the
   * deadline by itself, and may be first.
   */
  async ended(
    session: SessionId,
    outcome: SessionOutcome,
    recording: EndedRecording,
    ownReason: CutReason = "grant-ended",
  ): Promise<void> {
    if (outcome === "cut") await this.#noteCut(session, ownReason, BASTION);
    await this.#end(session, async (state) => {
      const { head } = recording.isClosed ? recording : await this.#options.inspect(state);
      return { outcome, ...(head && { head }) };
    });
  }

  /**
   * Ends a live session at once. The order goes out before the ledger's disk is waited for: what caused it is in the
   * ledger already. `text` is what the user reads after "session … closed: ".
   */
  async cut(session: SessionId, reason: CutReason, by: string, text: string): Promise<void> {
    this.#clock.forget(session);
    const carrier = this.#carriers.get(session);
    if (carrier !== undefined) {
      this.#orderedCuts.set(session, { session, reason, text });
      carrier.send("cut", { session, reason, text });
    }
    await this.#noteCut(session, reason, by);
  }

  /** Stops the clock; sessions live on in their proxies. */
  stop(): void {
    this.#clock.stop();
  }

  #onTimeOver(session: SessionId): void {
    const grant = this.#keeper.state.sessions.get(session)?.grant ?? "";
    this.cut(session, "grant-ended", BASTION, `grant ${grant} has ended`).catch((error: unknown) =>
      this.#options.log.error({ session, error: String(error) }, "cut not recorded"),
    );
  }

  /** Writes the one end that a session has. */
  async #end(session: SessionId, how: (state: SessionState) => End | Promise<End>): Promise<void> {
    this.#forget(session);
    const state = this.#keeper.state.sessions.get(session);
    if (state === undefined || state.ended !== undefined || this.#ending.has(session)) return;
    this.#ending.add(session);
    try {
      await this.#keeper.record({ type: "session.ended", session, ...(await how(state)) });
    } finally {
      this.#ending.delete(session);
    }
  }

  /** The first reason counts, also while it is on its way to the disk. */
  async #noteCut(session: SessionId, reason: CutReason, by: string): Promise<void> {
    this.#clock.forget(session);
    const { liveSessions, sessions } = this.#keeper.state;
    if (!liveSessions.has(session) || sessions.get(session)?.cut !== undefined || this.#cutting.has(session))
      return;
    this.#cutting.add(session);
    try {
      await this.#keeper.record({ type: "session.cut", session, reason, by });
    } finally {
      this.#cutting.delete(session);
    }
  }

  #forget(session: SessionId): void {
    this.#carriers.delete(session);
    this.#orderedCuts.delete(session);
    this.#clock.forget(session);
  }

  #sendDeadline(session: SessionId, untilMs: number): void {
    const remainingMs = Math.max(0, Math.floor(this.leftMs(session)));
    this.#carriers.get(session)?.send("deadline", { session, untilMs, remainingMs });
  }

  #liveOf(proxy: string): SessionId[] {
    const { liveSessions, sessions } = this.#keeper.state;
    return [...liveSessions].filter((session) => sessions.get(session)?.proxy === proxy);
  }
}
