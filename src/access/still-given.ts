import type { AccessRequest } from "./access-request.js";
import { approvedMs } from "./approved-duration.js";
import { isApproved, type Vote } from "./approvals.js";
import { isGrantGone } from "./grant-over.js";
import { lockedBy, lockOn, lockOnAny, type Locked } from "./lock-on.js";
import type { Policy, Role } from "./policy.js";
import { roleFor } from "./role-for.js";
import { scopeFault } from "./role-scope.js";
import type { ApprovalState, RequestState, State } from "./state.js";

/** Why what was asked for can no longer be given. */
export type GivenFault =
  | "locked"
  | "role-withdrawn" // the role is no longer in the policy
  | "role-narrowed" // it no longer gives this, or not for so long
  | "grant-over" // the grant to be extended was revoked or has ended
  | "approvals-missing" // the quorum that it was asked under is not there
  | "approvals-tightened"; // the role wants more approvals now, or those who gave theirs no longer count

export type GivenVerdict =
  | { readonly ok: true; readonly role: Role }
  | Locked
  | {
      readonly ok: false;
      readonly reason: Exclude<GivenFault, "locked">;
      /** One line, for people: fit to be the reason of a cancellation. */
      readonly detail: string;
    };

/**
 * Whether a request whose quorum is met still leads to a grant: nothing of it is locked, the current policy gives it, and the
 * role's current approvals are met by the groups that the approvers are in now. The yes of a locked approver, or of a key
 * revoked meanwhile, no longer counts.
 */
export function stillGiven(policy: Policy, state: State, held: RequestState, nowMs: number): GivenVerdict {
  const { request, approvals } = held;
  const given = roleStillGives(policy, state, held, nowMs);
  if (!given.ok || request.breakGlass) return given;
  if (!isApproved(request.needs, approvals, request.identity))
    return fault("approvals-missing", "it was not approved by all who must");
  const votes = approvals.flatMap((approval) => currentVote(policy, state, approval));
  if (isApproved(given.role.approvals, votes, request.identity)) return given;
  return fault("approvals-tightened", `role ${request.role} now wants other approvals: ask again`);
}

/** The same, leaving aside who has approved. */
export function roleStillGives(
  policy: Policy,
  state: State,
  held: RequestState,
  nowMs: number,
): GivenVerdict {
  const { request } = held;
  const lock = lockOnAny(state, request.identity, request.targets);
  if (lock !== undefined) return lockedBy(lock);
  const role = policy.roles.get(request.role);
  if (role === undefined)
    return fault("role-withdrawn", `role ${request.role} is not in the policy any more`);
  if (request.breakGlass && !role.breakGlass)
    return fault("role-narrowed", `role ${role.name} no longer lets anybody in in an emergency`);
  const durationMs = approvedMs(held);
  if (request.extends !== undefined)
    return extensionStillGiven(policy, state, role, { ...request, durationMs }, nowMs);
  const verdict = roleFor(policy, { ...request, durationMs });
  return verdict.ok
    ? verdict
    : fault("role-narrowed", `role ${role.name} no longer gives it: ${verdict.reason}`);
}

/** Of a grant that was given, only its scope is looked at again: its reason and its ticket stand. */
function extensionStillGiven(
  policy: Policy,
  state: State,
  role: Role,
  request: AccessRequest,
  nowMs: number,
): GivenVerdict {
  const held = request.extends === undefined ? undefined : state.grants.get(request.extends);
  if (held === undefined || isGrantGone(held, nowMs))
    return fault("grant-over", "the grant to be extended is over");
  const narrowed = scopeFaultOfAll(policy, role, request);
  if (narrowed !== undefined)
    return fault("role-narrowed", `role ${role.name} no longer gives it: ${narrowed}`);
  if (held.grant.untilMs + request.durationMs - nowMs > role.maxDurationMs)
    return fault("role-narrowed", `role ${role.name} no longer gives it for so long`);
  return { ok: true, role };
}

/** What stands between an identity and any of several logins on any of several targets, under one role. */
export function scopeFaultOfAll(
  policy: Policy,
  role: Role,
  scope: Pick<AccessRequest, "identity" | "targets" | "logins">,
): string | undefined {
  const identity = policy.identities.get(scope.identity);
  if (identity === undefined) return "unknown-identity";
  for (const name of scope.targets) {
    const target = policy.targets.get(name);
    if (target === undefined) return "unknown-target";
    for (const login of scope.logins) {
      const found = scopeFault(role, identity, target, login);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Somebody's yes with the groups that they are in now; nothing if they are gone or locked, or the key that said it was revoked. */
function currentVote(policy: Policy, state: State, approval: ApprovalState): readonly Vote[] {
  const { by, fingerprint } = approval;
  const identity = policy.identities.get(by);
  if (identity === undefined || lockOn(state, { identity: by })) return [];
  if (fingerprint !== undefined && state.revokedKeys.has(fingerprint)) return [];
  return [{ ...approval, groups: identity.groups }];
}

function fault(reason: Exclude<GivenFault, "locked">, detail: string): Extract<GivenVerdict, { ok: false }> {
  return { ok: false, reason, detail };
}
