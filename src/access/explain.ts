import { approversOf, canBeApproved } from "./approvers-of.js";
import { isMemberOf, type Policy, type Role } from "./policy.js";
import { coversTarget } from "./role-scope.js";

/** Everything about a role that can stand between an identity and a login on a target. */
export type ExplainedFault =
  "not-in-group" | "target-not-covered" | "login-not-in-role" | "login-not-on-target" | "nobody-can-approve";

export interface ExplainedRole {
  readonly role: Role;
  /** Every one, not only the first; none: it gives it. */
  readonly faults: readonly ExplainedFault[];
  /** Who could approve it. */
  readonly approvers: readonly string[];
}

export type Explanation =
  | { readonly ok: true; readonly roles: readonly ExplainedRole[] }
  | { readonly ok: false; readonly reason: "unknown-identity" | "unknown-target" };

/** What each role says to an identity's wish to be a login on a target: those that give it first, then the nearest misses. */
export function explain(policy: Policy, identity: string, target: string, login: string): Explanation {
  if (!policy.identities.has(identity)) return { ok: false, reason: "unknown-identity" };
  if (!policy.targets.has(target)) return { ok: false, reason: "unknown-target" };
  const roles = [...policy.roles.values()].map((role): ExplainedRole => {
    const approvers = approversOf(policy, role, identity);
    return { role, approvers, faults: faultsOf(policy, role, identity, target, login) };
  });
  return { ok: true, roles: roles.sort(byNearness) };
}

function faultsOf(
  policy: Policy,
  role: Role,
  identityName: string,
  targetName: string,
  login: string,
): readonly ExplainedFault[] {
  const identity = policy.identities.get(identityName);
  const target = policy.targets.get(targetName);
  if (identity === undefined || target === undefined) return [];
  const faults: [ExplainedFault, boolean][] = [
    ["not-in-group", !isMemberOf(identity, role.groups)],
    ["target-not-covered", !coversTarget(role.targets, target)],
    ["login-not-in-role", !role.logins.includes(login)],
    ["login-not-on-target", !target.logins.includes(login)],
    ["nobody-can-approve", !canBeApproved(policy, role.approvals, identityName, undefined)],
  ];
  return faults.filter(([, isSo]) => isSo).map(([fault]) => fault);
}

function byNearness(a: ExplainedRole, b: ExplainedRole): number {
  return a.faults.length - b.faults.length || (a.role.name < b.role.name ? -1 : 1);
}
