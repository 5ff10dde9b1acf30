import { isMemberOf, type AccessRequest, type Grant, type Policy } from "../access/index.js";

/** Names of those who could approve a request now; none for one that waits for nobody, and never the requester. */
export function approversOf(
  { identity, needs, breakGlass }: AccessRequest,
  policy: Policy,
): readonly string[] {
  if (breakGlass || needs.kind === "automatic") return [];
  return membersOf(
    policy,
    needs.quorums.flatMap(({ from }) => from),
    identity,
  );
}

/** Names of those who can look at a break-glass grant afterwards: the role's approvers, admins and auditors, but for its holder. */
export function reviewersOf({ identity, role }: Grant, policy: Policy): readonly string[] {
  const approvals = policy.roles.get(role)?.approvals;
  const quorums = approvals === undefined || approvals.kind === "automatic" ? [] : approvals.quorums;
  const groups = [...quorums.flatMap(({ from }) => from), ...policy.admins, ...policy.auditors];
  return membersOf(policy, groups, identity);
}

function membersOf(policy: Policy, groups: readonly string[], but: string): readonly string[] {
  return [...policy.identities.values()]
    .filter((identity) => identity.name !== but && isMemberOf(identity, groups))
    .map(({ name }) => name);
}
