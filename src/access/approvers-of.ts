import type { AccessRequest } from "./access-request.js";
import { counts, isApproved, peopleNeeded, type Approvals, type Vote } from "./approvals.js";
import { GRANT_NAMES_MAX } from "./grant.js";
import { lockOn } from "./lock-on.js";
import type { Policy, Role } from "./policy.js";
import type { State } from "./state.js";

/**
 * Names of everybody whose approval would count for a role or a request, the requester not among them: whom to tell,
 * whom to ask. In order of the alphabet; empty where nobody need be asked, or nobody can be.
 */
export function approversOf(policy: Policy, of: Role | AccessRequest, requester: string): readonly string[] {
  const needs = "needs" in of ? of.needs : of.approvals;
  if (needs.kind === "automatic") return [];
  const voters = possibleVotes(policy, requester).filter((vote) => counts(needs, vote));
  return voters.map(({ by }) => by).sort();
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
  return isApproved(needs, possibleVotes(policy, requester).filter(isFree), requester);
}

/** The best vote that each could give. */
function possibleVotes(policy: Policy, requester: string): readonly Vote[] {
  const others = [...policy.identities.values()].filter(({ name }) => name !== requester);
  return others.map(({ name, groups }) => ({ by: name, groups, signed: true, presence: true }));
}
