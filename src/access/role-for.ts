import {
  explainRoles,
  mayIssue,
  type Instead,
  type IssueAsk,
  type IssueDenial,
  type IssueVerdict,
} from "./may-issue.js";
import type { Policy, Role } from "./policy.js";

/** Several things at once: every target with every login, all under one role. */
export interface RoleAsk {
  readonly identity: string;
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  readonly durationMs: number;
  readonly reason: string;
  readonly ticket?: string;
  /** The only role to be tried. */
  readonly role?: string;
}

export interface RoleRefused {
  readonly ok: false;
  readonly reason: IssueDenial;
  /** The role that came nearest. */
  readonly role?: string;
  /** What was refused, where several things were asked for. */
  readonly target?: string;
  readonly login?: string;
  readonly instead: Instead;
}

export type RoleForVerdict = { readonly ok: true; readonly role: Role } | RoleRefused;

/** The best role that gives every target with every login (`mayIssue` says which is best), or the nearest denial. */
export function roleFor(policy: Policy, ask: RoleAsk): RoleForVerdict {
  const found = rolesFor(policy, ask);
  return found.ok ? { ok: true, role: found.roles[0] } : found;
}

/** Every role that does, best first; at least one. */
export function rolesFor(
  policy: Policy,
  ask: RoleAsk,
): { readonly ok: true; readonly roles: readonly [Role, ...Role[]] } | RoleRefused {
  const roles: Role[] = [];
  let nearest: { readonly given: number; readonly refused: RoleRefused } = {
    given: -1,
    refused: { ok: false, reason: "unknown-target", instead: {} },
  };
  for (const name of candidates(policy, ask)) {
    const tried = tryRole(policy, ask, name);
    if ("role" in tried) roles.push(tried.role);
    else if (tried.given > nearest.given) nearest = tried;
  }
  const [best, ...others] = roles;
  return best === undefined ? nearest.refused : { ok: true, roles: [best, ...others] };
}

/** Goes through the pairs up to the first that is refused. */
function tryRole(
  policy: Policy,
  ask: RoleAsk,
  name: string | undefined,
): { readonly role: Role } | { readonly given: number; readonly refused: RoleRefused } {
  const pairs = ask.targets.flatMap((target) => ask.logins.map((login) => ({ target, login })));
  let role: Role | undefined;
  for (const [given, pair] of pairs.entries()) {
    const verdict = mayIssue(policy, single(ask, pair, name));
    if (!verdict.ok) return { given, refused: { ...refusedWith(verdict), ...pair } };
    role ??= verdict.role;
  }
  return role === undefined
    ? { given: -1, refused: { ok: false, reason: "unknown-target", instead: {} } }
    : { role };
}

/** Names of roles to try: the one asked for; else those that give the first pair, best first; else any, for its denial. */
function candidates(policy: Policy, ask: RoleAsk): readonly (string | undefined)[] {
  if (ask.role !== undefined) return [ask.role];
  const identity = policy.identities.get(ask.identity);
  const target = policy.targets.get(ask.targets[0] ?? "");
  if (identity === undefined || target === undefined) return [undefined];
  const pair = { target: target.name, login: ask.logins[0] ?? "" };
  const fitting = explainRoles(policy, identity, target, single(ask, pair, undefined));
  const names = fitting.filter(({ fault }) => fault === undefined).map(({ role }) => role.name);
  return names.length === 0 ? [undefined] : names;
}

function single(ask: RoleAsk, pair: { target: string; login: string }, role: string | undefined): IssueAsk {
  const { identity, durationMs, reason, ticket } = ask;
  return {
    identity,
    ...pair,
    durationMs,
    reason,
    ...(ticket && { ticket }),
    ...(role !== undefined && { role }),
  };
}

function refusedWith({ reason, role, instead }: Extract<IssueVerdict, { ok: false }>): RoleRefused {
  return { ok: false, reason, instead, ...(role !== undefined && { role }) };
}
