import type { ChannelKind } from "./channel-kind.js";
import { peopleNeeded } from "./approvals.js";
import type { Identity, Policy, PolicyTarget, Role } from "./policy.js";
import { askableTargets, loginsOn, scopeFault, type ScopeFault } from "./role-scope.js";

/** What somebody wants for `identity`. Without `role` any fitting role serves. */
export interface IssueAsk {
  readonly identity: string;
  readonly target: string;
  readonly login: string;
  readonly durationMs: number;
  readonly reason: string;
  readonly ticket?: string;
  readonly role?: string;
}

export type IssueDenial =
  | "unknown-identity"
  | "unknown-target"
  | "unknown-role"
  | "bad-duration" // nothing, or not a whole number of milliseconds
  | RoleFault;

/** What one role has against an ask, from the farthest off to the nearest miss. */
export type RoleFault = ScopeFault | "duration-too-long" | "reason-missing" | "ticket-missing";

/** What could be asked instead: only what the identity in question may see anyway. */
export interface Instead {
  readonly targets?: readonly string[];
  readonly logins?: readonly string[];
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly maxDurationMs?: number;
  /** Source of the regular expression that a ticket must match. */
  readonly ticket?: string;
}

export type IssueVerdict =
  | { readonly ok: true; readonly role: Role; readonly channels: readonly ChannelKind[] }
  | { readonly ok: false; readonly reason: IssueDenial; readonly role?: string; readonly instead: Instead };

/** One role's answer to an ask; no fault: it would give it. */
export interface RoleVerdict {
  readonly role: Role;
  readonly fault?: RoleFault;
}

/**
 * Whether policy has a role that gives what is asked. Of several that do, the one with the fewest approvals, then the
 * most channels, then the first by name. A denial comes from the role that came nearest, with what it would give.
 * It says nothing of approvals: who approves a role's grants, and whether, is asked elsewhere.
 */
export function mayIssue(policy: Policy, ask: IssueAsk): IssueVerdict {
  const identity = policy.identities.get(ask.identity);
  if (identity === undefined) return { ok: false, reason: "unknown-identity", instead: {} };
  const askable = (): readonly string[] => [...askableTargets(policy, identity).keys()]; // all targets × all roles: for a denial only
  const target = policy.targets.get(ask.target);
  if (target === undefined) return { ok: false, reason: "unknown-target", instead: { targets: askable() } };
  if (!Number.isSafeInteger(ask.durationMs) || ask.durationMs <= 0) {
    return { ok: false, reason: "bad-duration", instead: {} };
  }
  if (ask.role !== undefined && !policy.roles.has(ask.role)) {
    return {
      ok: false,
      reason: "unknown-role",
      role: ask.role,
      instead: { roles: rolesOf(policy, identity) },
    };
  }
  const verdicts = explainRoles(policy, identity, target, ask);
  const [best] = verdicts;
  if (best === undefined) return { ok: false, reason: "not-in-group", instead: { targets: askable() } };
  const { role, fault } = best;
  if (fault === undefined) return { ok: true, role, channels: role.channels };
  return { ok: false, reason: fault, role: role.name, instead: insteadOf(fault, role, target, askable) };
}

/** What each role (or the one asked for) says to an ask, best first. */
export function explainRoles(
  policy: Policy,
  identity: Identity,
  target: PolicyTarget,
  ask: IssueAsk,
): readonly RoleVerdict[] {
  const verdicts: RoleVerdict[] = [];
  for (const role of policy.roles.values()) {
    if (ask.role !== undefined && role.name !== ask.role) continue;
    const fault = scopeFault(role, identity, target, ask.login) ?? termsFault(role, ask);
    verdicts.push(fault === undefined ? { role } : { role, fault });
  }
  return verdicts.sort(byNearness);
}

const NEARNESS: readonly (RoleFault | undefined)[] = [
  undefined,
  "ticket-missing",
  "reason-missing",
  "duration-too-long",
  "login-not-allowed",
  "target-not-covered",
  "not-in-group",
];

function byNearness(a: RoleVerdict, b: RoleVerdict): number {
  const name = a.role.name < b.role.name ? -1 : 1;
  const faults = NEARNESS.indexOf(a.fault) - NEARNESS.indexOf(b.fault);
  // A request that is too long for every role is told of the longest that there is.
  const length = a.fault === "duration-too-long" ? b.role.maxDurationMs - a.role.maxDurationMs : 0;
  const approvals = peopleNeeded(a.role.approvals) - peopleNeeded(b.role.approvals);
  return faults || length || approvals || b.role.channels.length - a.role.channels.length || name;
}

function termsFault(role: Role, ask: IssueAsk): RoleFault | undefined {
  if (ask.durationMs > role.maxDurationMs) return "duration-too-long";
  if (role.reason === "required" && ask.reason.trim() === "") return "reason-missing";
  const { ticket } = role;
  if (ticket === undefined) return undefined;
  const candidates = ask.ticket === undefined ? ask.reason.split(/\s+/) : [ask.ticket];
  return candidates.some((candidate) => matches(ticket, candidate)) ? undefined : "ticket-missing";
}

/** A RegExp with the flags g or y remembers where it was: a fresh look every time. */
function matches(pattern: RegExp, candidate: string): boolean {
  return candidate.search(pattern) >= 0;
}

function insteadOf(
  fault: RoleFault,
  role: Role,
  target: PolicyTarget,
  askable: () => readonly string[],
): Instead {
  switch (fault) {
    case "not-in-group":
      return { targets: askable(), groups: role.groups };
    case "target-not-covered":
      return { targets: askable() };
    case "login-not-allowed":
      return { logins: loginsOn(role, target) };
    case "duration-too-long":
      return { maxDurationMs: role.maxDurationMs };
    case "reason-missing":
      return {};
    case "ticket-missing":
      return role.ticket === undefined ? {} : { ticket: role.ticket.source };
  }
}

function rolesOf(policy: Policy, identity: Identity): readonly string[] {
  const own = [...policy.roles.values()].filter((role) =>
    identity.groups.some((group) => role.groups.includes(group)),
  );
  return own.map((role) => role.name);
}
