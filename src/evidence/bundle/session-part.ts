import type { AccessEvent, GrantId, SessionId } from "../../access/index.js";

/** What somebody knows of a session already, which spares walks through the ledger. */
export interface KnownParts {
  readonly identity?: string;
  readonly target?: string;
  /** Of what belongs to it: its grant, its certificate's serial, requests. */
  readonly names?: readonly string[];
}

/**
 * What of a ledger belongs to one session: what is said of it, the certificate and the grants by which it came about, the requests
 * and approvals behind them, and holds and redactions. What it is looked for by grows with what is found, also for entries that
 * came before; so it is asked of all entries until `isGrown` stays false.
 */
export class SessionPart {
  readonly session: SessionId;
  readonly #names: Set<string>;
  #identity: string | undefined;
  #target: string | undefined;
  #isGrown = false;
  #marks: readonly Buffer[] | undefined;

  constructor(session: SessionId, { identity, target, names = [] }: KnownParts = {}) {
    this.session = session;
    this.#names = new Set([session, ...names]);
    [this.#identity, this.#target] = [identity, target];
  }

  /** Bytes of which an entry must hold some to belong to it: a look, to spare most from being taken apart. */
  get marks(): readonly Buffer[] {
    return (this.#marks ??= [...[...this.#names].map((name) => `"${name}"`), '"hold.set"'].map((text) =>
      Buffer.from(text),
    ));
  }

  /** Whether something new was learnt since this was asked last, by which earlier entries may belong to it as well. */
  takeGrowth(): boolean {
    const was = this.#isGrown;
    this.#isGrown = false;
    return was;
  }

  /** Whether an event belongs to the session, as far as is known by now. */
  has(event: AccessEvent): boolean {
    if ("session" in event && event.type !== "hold.set") return this.#ofSession(event);
    switch (event.type) {
      case "certificate.issued":
        return this.#knows(event.serial) && this.#learn(...event.grants);
      case "certificate.revoked":
        return event.serial !== undefined && this.#knows(event.serial);
      case "grant.issued":
        return this.#knows(event.grant.id) && this.#learn(event.request);
      case "grant.extended":
        return this.#knows(event.grant) && this.#learn(event.request);
      case "grant.ended":
      case "grant.revoked":
      case "grant.reviewed":
        return this.#knows(event.grant);
      case "request.made":
        return this.#knows(event.request.id) && this.#learn(event.request.extends);
      case "request.approved":
      case "request.denied":
      case "request.cancelled":
      case "request.lapsed":
        return this.#knows(event.request);
      case "redaction.approved":
      case "redaction.denied":
      case "redaction.lapsed":
        return this.#knows(event.redaction);
      case "hold.set": {
        const isFor =
          event.session === this.session ||
          event.identity === this.#identity ||
          event.target === this.#target;
        return (
          (this.#knows(event.hold) || (isFor && this.#identity !== undefined)) && this.#learn(event.hold)
        );
      }
      case "hold.lifted":
        return this.#knows(event.hold);
      default:
        return false;
    }
  }

  #ofSession(event: Extract<AccessEvent, { readonly session?: SessionId }>): boolean {
    if (event.session !== this.session) return false;
    if (event.type === "session.started") {
      this.#isGrown ||= this.#identity === undefined; // a hold on them may have been set before
      [this.#identity, this.#target] = [event.identity, event.target];
      return this.#learn(event.grant satisfies GrantId, event.serial);
    }
    return event.type === "redaction.asked" ? this.#learn(event.redaction) : true;
  }

  #knows(name: string): boolean {
    return this.#names.has(name);
  }

  #learn(...names: readonly (string | undefined)[]): true {
    for (const name of names) {
      if (name === undefined || this.#names.has(name)) continue;
      this.#names.add(name);
      [this.#isGrown, this.#marks] = [true, undefined];
    }
    return true;
  }
}
