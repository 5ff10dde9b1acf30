import { REQUEST_TEXT_CHARS_MAX } from "./access-request.js";
import { canBeApproved } from "./approvers-of.js";
import { fitsWithGrant } from "./event-size.js";
import { GRANT_NAMES_MAX } from "./grant.js";
import type { RequestId } from "./id.js";
import { lockedBy, lockOn, lockOnAny } from "./lock-on.js";
import type { Instead, IssueDenial } from "./may-issue.js";
import type { Policy, Role } from "./policy.js";
import { rolesFor, type RoleAsk } from "./role-for.js";
import type { LockState, RequestState, State } from "./state.js";

/** What somebody wants for themselves. */
export interface RequestAsk extends RoleAsk {
  /** Not to begin before then. */
  readonly fromMs?: number;
  readonly breakGlass: boolean;
}

/** What keeps requests from becoming a flood. */
export interface RequestLimits {
  /** How many of an identity's requests may wait at a time. */
  readonly openPerIdentity: number;
  /** How many requests an identity may make within an hour. */
  readonly perHourPerIdentity: number;
}

export type RequestDenial =
  | IssueDenial
  | "locked"
  | "already-asked" // the same waits for approval
  | "too-many-open"
  | "too-many-lately"
  | "break-glass-not-allowed"
  | "nobody-can-approve" // all others together are not the people that the role wants
  | "begins-too-late"
  | "text-too-long"
  | "too-many-names";

export type RequestVerdict =
  | { readonly ok: true; readonly role: Role }
  | {
      readonly ok: false;
      readonly reason: RequestDenial;
      readonly role?: string;
      readonly target?: string;
      readonly login?: string;
      readonly instead: Instead;
      /** The one that waits (`already-asked`). */
      readonly request?: RequestId;
      readonly lock?: LockState;
      /** For people: the reason of the lock. */
      readonly detail?: string;
    };

type Refused = Extract<RequestVerdict, { ok: false }>;

/** How far ahead a grant may begin: what is right to give today may not be next month. */
export const BEGIN_AHEAD_MS_MAX = 30 * 86_400_000;

const HOUR_MS = 3_600_000;

/**
 * Whether somebody may ask for this, and the role that would give it: the best that allows break-glass, if it is asked for; else
 * the best whose approvals can be had. A yes says nothing of who has approved.
 */
export function mayRequest(
  policy: Policy,
  state: State,
  ask: RequestAsk,
  limits: RequestLimits,
  nowMs: number,
): RequestVerdict {
  const own = lockOn(state, { identity: ask.identity });
  if (own !== undefined) return { ...lockedBy(own), instead: {} };
  const tooLong = textFault(ask);
  if (tooLong !== undefined) return refused(tooLong);
  const found = rolesFor(policy, ask);
  if (!found.ok) return found;
  const lock = lockOnAny(state, ask.identity, ask.targets);
  if (lock !== undefined) return { ...lockedBy(lock), instead: {}, target: lock.name };
  if (
    ask.fromMs !== undefined &&
    !(Number.isSafeInteger(ask.fromMs) && ask.fromMs - nowMs <= BEGIN_AHEAD_MS_MAX)
  )
    return refused("begins-too-late");
  const fitting = found.roles.filter((role) => howeverGiven(policy, state, ask, role));
  const [role] = fitting;
  if (role === undefined) {
    const reason = ask.breakGlass ? "break-glass-not-allowed" : "nobody-can-approve";
    return { ...refused(reason), role: found.roles[0].name };
  }
  if (!fitsWithGrant({ ...ask, role: role.name, needs: role.approvals }, role)) {
    const namesAlone = { ...ask, reason: "", ticket: "", role: role.name, needs: role.approvals };
    return refused(fitsWithGrant(namesAlone, role) ? "text-too-long" : "too-many-names");
  }
  return flood(state, ask, role, limits, nowMs) ?? { ok: true, role };
}

function howeverGiven(policy: Policy, state: State, ask: RequestAsk, role: Role): boolean {
  return ask.breakGlass ? role.breakGlass : canBeApproved(policy, role.approvals, ask.identity, state);
}

/** Before policy is asked: what it costs grows with targets × logins. */
function textFault({
  targets,
  logins,
  reason,
  ticket = "",
}: RequestAsk): "too-many-names" | "text-too-long" | undefined {
  if (targets.length > GRANT_NAMES_MAX || logins.length > GRANT_NAMES_MAX) return "too-many-names";
  const isTooLong = reason.length > REQUEST_TEXT_CHARS_MAX || ticket.length > REQUEST_TEXT_CHARS_MAX;
  return isTooLong ? "text-too-long" : undefined;
}

/** An emergency is not kept waiting by what waits. */
function flood(
  state: State,
  ask: RequestAsk,
  role: Role,
  limits: RequestLimits,
  nowMs: number,
): Refused | undefined {
  const waiting = ask.breakGlass ? [] : waitingOf(state, ask.identity, nowMs);
  const same = waiting.find(({ request }) => isSame(request, ask, role, nowMs));
  if (same !== undefined) return { ...refused("already-asked"), request: same.request.id, role: role.name };
  const fault = floodFault(state, ask.identity, waiting.length, limits, nowMs);
  return fault && refused(fault);
}

/** Whether an identity with so many waiting requests may make one more. */
export function floodFault(
  state: State,
  identity: string,
  waiting: number,
  limits: RequestLimits,
  nowMs: number,
): "too-many-open" | "too-many-lately" | undefined {
  if (waiting >= limits.openPerIdentity) return "too-many-open";
  let lately = 0;
  for (const id of state.requestsOf.get(identity) ?? []) {
    const madeAtMs = state.requests.get(id)?.madeAtMs ?? 0;
    if (madeAtMs > nowMs - HOUR_MS) lately += 1;
  }
  return lately >= limits.perHourPerIdentity ? "too-many-lately" : undefined;
}

/** An identity's requests that can still be approved. */
export function waitingOf(state: State, identity: string, nowMs: number): readonly RequestState[] {
  const open = [...state.openRequests].flatMap((id) => state.requests.get(id) ?? []);
  return open.filter(({ request }) => request.identity === identity && nowMs < request.lapsesAtMs);
}

/** The same things under the same role, whatever for; not what would begin only when the other is over. */
function isSame(request: RequestState["request"], ask: RequestAsk, role: Role, nowMs: number): boolean {
  const [one, other] = [request, ask].map(({ fromMs = nowMs, durationMs }) => ({
    fromMs: Math.max(fromMs, nowMs),
    untilMs: Math.max(fromMs, nowMs) + durationMs,
  }));
  return (
    one !== undefined &&
    other !== undefined &&
    one.fromMs < other.untilMs &&
    other.fromMs < one.untilMs &&
    request.extends === undefined &&
    request.role === role.name &&
    isSameSet(request.targets, ask.targets) &&
    isSameSet(request.logins, ask.logins)
  );
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.every((one) => b.includes(one)) && b.every((one) => a.includes(one));
}

function refused(reason: RequestDenial): Refused {
  return { ok: false, reason, instead: {} };
}
