import { couldApprove } from "./approvers-of.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import { endedFault } from "./may-approve.js";
import { LOCAL_ADMIN } from "./name.js";
import { isMemberOf, type Policy } from "./policy.js";
import type { RequestState, State } from "./state.js";

export type EndingDenial =
  | "locked"
  | "own-request" // to be cancelled, not denied
  | "not-yours" // to be denied, not cancelled
  | "not-open"
  | "lapsed"
  | "not-an-approver";

export type EndingVerdict =
  { readonly ok: true } | Locked | { readonly ok: false; readonly reason: Exclude<EndingDenial, "locked"> };

/**
 * Whether somebody's no ends a request: whose yes would count, signed or not, by the rule that it was asked under or by the
 * role's own of today; and whoever administers the bastion.
 */
export function mayDeny(
  policy: Policy,
  state: State,
  held: RequestState,
  by: string,
  nowMs: number,
): EndingVerdict {
  const { request } = held;
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (by === request.identity) return { ok: false, reason: "own-request" };
  const ended = endedFault(held, nowMs);
  if (ended !== undefined) return { ok: false, reason: ended };
  return by === LOCAL_ADMIN || hasSay(policy, held, by)
    ? { ok: true }
    : { ok: false, reason: "not-an-approver" };
}

/** Whether somebody may take a request back: nobody but the one who made it. */
export function mayCancel(state: State, held: RequestState, by: string, nowMs: number): EndingVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (by !== held.request.identity) return { ok: false, reason: "not-yours" };
  const ended = endedFault(held, nowMs);
  return ended === undefined ? { ok: true } : { ok: false, reason: ended };
}

function hasSay(policy: Policy, { request }: RequestState, by: string): boolean {
  const identity = policy.identities.get(by);
  if (identity === undefined) return false;
  if (isMemberOf(identity, policy.admins)) return true;
  const rules = [request.needs, policy.roles.get(request.role)?.approvals];
  return rules.some((rule) => rule !== undefined && couldApprove(rule, identity));
}
