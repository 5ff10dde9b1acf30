import {
  BASTION,
  approvedMs,
  emptyState,
  extendedUntil,
  fold,
  mayApprove,
  mayCancel,
  mayDeny,
  mayExtend,
  mayOpenSession,
  mayRequest,
  mayReview,
  missingApprovals,
  parseAccessEvent,
  seatedApprovers,
  stillGiven,
  type AccessEvent,
  type AccessRequest,
  type GrantId,
  type GrantOrigin,
  type LockKind,
  type Policy,
  type RequestId,
  type Role,
  type State,
} from "../../../src/access/index.js";
import { HOURLY_MAX, LAPSE_MS, OPEN_MAX } from "./naive-model.js";
import { FINGERPRINT, grantId, requestId } from "./sample.js";

const LIMITS = { openPerIdentity: OPEN_MAX, perHourPerIdentity: HOURLY_MAX };

/** What control does with the answers of this room, and nothing else: ask a verdict, write the event down, fold it. */
export class Desk {
  now = 0;
  policy: Policy;
  readonly state: State = emptyState();
  readonly events: { readonly event: AccessEvent; readonly atMs: number }[] = [];
  readonly requests: RequestId[] = [];
  readonly grants: GrantId[] = [];

  constructor(policy: Policy) {
    this.policy = policy;
  }

  ask(identity: string, target: string, role: string, durationMs: number, breakGlass: boolean): boolean {
    const ask = {
      identity,
      targets: [target],
      logins: ["postgres"],
      durationMs,
      reason: "x",
      role,
      breakGlass,
    };
    const verdict = mayRequest(this.policy, this.state, ask, LIMITS, this.now);
    if (verdict.ok) this.#make({ ...ask, needs: verdict.role.approvals }, verdict.role);
    return verdict.ok;
  }

  approve(at: number, name: string, durationMs: number | undefined): boolean {
    const held = this.#request(at);
    if (held === undefined) return false;
    const approver = { name, signed: false, presence: false };
    const verdict = mayApprove(this.policy, this.state, held, approver, durationMs, this.now);
    if (!verdict.ok) return false;
    const { id } = held.request;
    const { groups } = verdict;
    const length = durationMs === undefined ? {} : { durationMs };
    this.#record({ type: "request.approved", request: id, by: name, groups, presence: false, ...length });
    const now = this.state.requests.get(id)!;
    const isDone = missingApprovals(now.request.needs, now.approvals, now.request.identity).length === 0;
    if (isDone) this.#settle(id, name);
    return true;
  }

  deny(at: number, by: string): boolean {
    const held = this.#request(at);
    if (held === undefined || !mayDeny(this.policy, this.state, held, by, this.now).ok) return false;
    this.#record({ type: "request.denied", request: held.request.id, by, reason: "no" });
    return true;
  }

  cancel(at: number, by: string): boolean {
    const held = this.#request(at);
    if (held === undefined || !mayCancel(this.state, held, by, this.now).ok) return false;
    this.#record({ type: "request.cancelled", request: held.request.id, by });
    return true;
  }

  extend(at: number, by: string, durationMs: number): boolean {
    const held = this.#grant(at);
    if (held === undefined) return false;
    const ask = { by, durationMs, reason: "x" };
    const verdict = mayExtend(this.policy, this.state, held, ask, LIMITS, this.now);
    if (!verdict.ok) return false;
    const { id, identity, targets, logins } = held.grant;
    const { untilMs, role } = verdict;
    if (verdict.kind === "self")
      this.#record({ type: "grant.extended", grant: id, untilMs, by, reason: "x" });
    else
      this.#make(
        {
          identity,
          targets,
          logins,
          durationMs,
          reason: "x",
          role: role.name,
          needs: role.approvals,
          breakGlass: false,
          extends: id,
        },
        role,
      );
    return true;
  }

  review(at: number, by: string): boolean {
    const held = this.#grant(at);
    if (held === undefined || !mayReview(this.policy, this.state, held, by, this.now).ok) return false;
    this.#record({ type: "grant.reviewed", grant: held.grant.id, by, comment: "seen" });
    return true;
  }

  revoke(at: number): void {
    const grant = this.grants[at];
    if (grant !== undefined) this.#record({ type: "grant.revoked", grant, by: "bob", reason: "x" });
  }

  lock(name: string): void {
    this.#record({ type: "lock.set", ...subject(name), by: "root", reason: "x" });
  }

  unlock(name: string): void {
    this.#record({ type: "lock.lifted", ...subject(name), by: "root", reason: "x" });
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** What control's timer does, at times late. */
  lapse(): void {
    for (const id of [...this.state.openRequests]) {
      const lapsed = this.now >= this.state.requests.get(id)!.request.lapsesAtMs;
      if (lapsed) this.#record({ type: "request.lapsed", request: id });
    }
  }

  accessUntil(identity: string, target: string): number | undefined {
    const ask = { identity, fingerprint: FINGERPRINT, target, login: "postgres", clientAddress: "::1" };
    const verdict = mayOpenSession(this.state, this.policy, ask, this.now);
    return verdict.ok ? verdict.untilMs : undefined;
  }

  #make(ask: Omit<AccessRequest, "id" | "lapsesAtMs">, role: Role): void {
    const id = requestId(this.requests.length + 1);
    this.requests.push(id);
    this.#record({ type: "request.made", request: { ...ask, id, lapsesAtMs: this.now + LAPSE_MS } });
    if (ask.breakGlass) this.#settle(id, ask.identity);
    else if (role.approvals.kind === "automatic") this.#settle(id, BASTION);
  }

  #settle(id: RequestId, by: string): void {
    const held = this.state.requests.get(id)!;
    const verdict = stillGiven(this.policy, this.state, held, this.now);
    if (!verdict.ok) {
      this.#record({ type: "request.cancelled", request: id, by: BASTION, reason: verdict.detail });
      return;
    }
    const { request, approvals } = held;
    const extended = request.extends && this.state.grants.get(request.extends);
    if (extended) {
      const untilMs = extendedUntil(extended.grant.untilMs, approvedMs(held));
      this.#record({
        type: "grant.extended",
        grant: extended.grant.id,
        untilMs,
        by,
        reason: "x",
        request: id,
      });
      return;
    }
    const { identity, targets, logins, reason, role, needs, breakGlass } = request;
    const how: GrantOrigin = breakGlass
      ? "break-glass"
      : needs.kind === "automatic"
        ? "automatic"
        : "approved";
    const fresh = grantId(this.grants.length + 1);
    this.grants.push(fresh);
    const grant = {
      ...{ id: fresh, identity, targets, logins, reason, role, how, channels: verdict.role.channels },
      ...{ fromMs: this.now, untilMs: this.now + approvedMs(held) },
      approvers: seatedApprovers(needs, approvals, identity),
    };
    this.#record({ type: "grant.issued", grant, by, request: id });
  }

  /** An event that the fold refuses would be a fault of a verdict: it is thrown. */
  #record(event: AccessEvent): void {
    const read = parseAccessEvent(JSON.parse(JSON.stringify(event)));
    fold(this.state, read, this.now);
    this.events.push({ event: read, atMs: this.now });
  }

  #request(at: number) {
    return this.state.requests.get(this.requests[at] ?? requestId(9999));
  }

  #grant(at: number) {
    return this.state.grants.get(this.grants[at] ?? grantId(9999));
  }
}

/** Targets begin with `prod-`; everything else is a person. */
function subject(name: string): { readonly kind: LockKind; readonly name: string } {
  return { kind: name.startsWith("prod-") ? "target" : "identity", name };
}
