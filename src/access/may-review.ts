import { couldApprove } from "./approvers-of.js";
import { isGrantGone } from "./grant-over.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import { isMemberOf, type Identity, type Policy } from "./policy.js";
import type { GrantState, State } from "./state.js";

export type ReviewDenial =
  | "locked"
  | "no-review-needed" // nobody broke any glass
  | "own-grant"
  | "reviewed-before"
  | "still-live" // what is still to be done under it cannot have been looked at
  | "not-a-reviewer";

export type ReviewVerdict =
  { readonly ok: true } | Locked | { readonly ok: false; readonly reason: Exclude<ReviewDenial, "locked"> };

/**
 * Whether somebody may close the review of a break-glass grant: somebody else than its holder who approves what its role
 * gives, an admin, or an auditor. Not the nameless admin at the machine itself, who may be the holder.
 */
export function mayReview(
  policy: Policy,
  state: State,
  held: GrantState,
  by: string,
  nowMs: number,
): ReviewVerdict {
  const { grant, review } = held;
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (grant.how !== "break-glass") return { ok: false, reason: "no-review-needed" };
  if (by === grant.identity) return { ok: false, reason: "own-grant" };
  const identity = policy.identities.get(by);
  if (identity === undefined || !isReviewer(policy, identity, grant.role))
    return { ok: false, reason: "not-a-reviewer" };
  if (review !== undefined) return { ok: false, reason: "reviewed-before" };
  return isGrantGone(held, nowMs) ? { ok: true } : { ok: false, reason: "still-live" };
}

function isReviewer(policy: Policy, identity: Identity, role: string): boolean {
  if (isMemberOf(identity, [...policy.admins, ...policy.auditors])) return true;
  const needs = policy.roles.get(role)?.approvals;
  return needs !== undefined && couldApprove(needs, identity);
}
