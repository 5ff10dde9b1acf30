import { matchGlob } from "./glob.js";
import {
  isMemberOf,
  type Identity,
  type Policy,
  type PolicyTarget,
  type Role,
  type TargetSelector,
} from "./policy.js";

/** Whether a selector covers a target. An empty list of labels covers nothing: to mean every target, say `*`. */
export function coversTarget(selector: TargetSelector, target: PolicyTarget): boolean {
  if (selector.by === "names") return selector.globs.some((glob) => matchGlob(glob, target.name));
  const wanted = Object.entries(selector.labels);
  return wanted.length > 0 && wanted.every(([label, value]) => labelOf(target, label) === value);
}

function labelOf(target: PolicyTarget, label: string): string | undefined {
  return Object.hasOwn(target.labels, label) ? target.labels[label] : undefined;
}

/** The logins that a role gives on a target: those of the role that the target has. */
export function loginsOn(role: Role, target: PolicyTarget): readonly string[] {
  return role.logins.filter((login) => target.logins.includes(login));
}

/** The first thing about a role that stands between an identity and a login on a target; undefined if nothing does. */
export type ScopeFault = "not-in-group" | "target-not-covered" | "login-not-allowed";

export function scopeFault(
  role: Role,
  identity: Identity,
  target: PolicyTarget,
  login: string,
): ScopeFault | undefined {
  if (!isMemberOf(identity, role.groups)) return "not-in-group";
  if (!coversTarget(role.targets, target)) return "target-not-covered";
  if (!loginsOn(role, target).includes(login)) return "login-not-allowed";
  return undefined;
}

/** What an identity may ask for: each target with the logins that its roles together give there. */
export function askableTargets(policy: Policy, identity: Identity): ReadonlyMap<string, readonly string[]> {
  const roles = [...policy.roles.values()].filter((role) => isMemberOf(identity, role.groups));
  const askable = new Map<string, readonly string[]>();
  for (const target of policy.targets.values()) {
    const covering = roles.filter((role) => coversTarget(role.targets, target));
    const logins = new Set(covering.flatMap((role) => loginsOn(role, target)));
    if (logins.size > 0) askable.set(target.name, [...logins].sort());
  }
  return askable;
}
