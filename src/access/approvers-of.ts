import type { AccessRequest } from "./access-request.js";
import { counts, isApproved, peopleNeeded, type Approvals, type Vote } from "./approvals.js";
import { GRANT_NAMES_MAX } from "./grant.js";
import { lockOn } from "./lock-on.js";
import type { Identity, Policy, Role } from "./policy.js";
import type { State } from "./state.js";

/**
 * Names of everybody whose approval would count for a role or a request, the requester not among them: whom to tell,
 * whom to ask. In order of the alphabet; empty where nobody need be asked, or nobody can be.
 */
export function approversOf(policy: Policy, of: Role | AccessRequest, requester: string): readonly string[] {
  const needs = "needs" in of ? of.needs : of.approvals;
  const voters = others(policy, requester).filter((identity) => couldApprove(needs, identity));
  return voters.map(({ name }) => name).sort();
}

/** Whether the best vote that somebody could give would count; nobody's does where nobody is asked. */
export function couldApprove(needs: Approvals, identity: Identity): boolean {
  return needs.kind !== "automatic" && counts(needs, bestVote(identity));
}

/**
 * Whether everybody together, those aside whom `state` has locked, would be enough; never for more people than a grant can
 * name.
 */
export function canBeApproved(
  policy: Policy,
  needs: Approvals,
  requester: string,
  state: State | undefined,
): boolean {
  const isFree = ({ by }: Vote): boolean =>
    state === undefined || lockOn(state, { identity: by }) === undefined;
  if (peopleNeeded(needs) > GRANT_NAMES_MAX) return false;
  return isApproved(needs, others(policy, requester).map(bestVote).filter(isFree), requester);
}

function others(policy: Policy, requester: string): readonly Identity[] {
  return [...policy.identities.values()].filter(({ name }) => name !== requester);
}

function bestVote({ name, groups }: Identity): Vote {
  return { by: name, groups, signed: true, presence: true };
}
