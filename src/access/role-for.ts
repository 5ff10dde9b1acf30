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
  const pairs = ask.targets.flatMap((target) => ask.logins.map((login) => ({ target, login })));
  const roles: Role[] = [];
  let nearest: { readonly given: number; readonly refused: RoleRefused } = {
    given: -1,
    refused: { ok: false, reason: "unknown-target", instead: {} },
  };
  for (const name of candidates(policy, ask)) {
    const verdicts = pairs.map((pair) => ({ pair, verdict: mayIssue(policy, single(ask, pair, name)) }));
    const given = verdicts.findIndex(({ verdict }) => !verdict.ok);
    const first = verdicts[0]?.verdict;
    if (given === -1 && first?.ok) roles.push(first.role);
    const refused = verdicts[given];
    if (refused !== undefined && !refused.verdict.ok && given > nearest.given)
      nearest = { given, refused: { ...refusedWith(refused.verdict), ...refused.pair } };
  }
  const [best, ...others] = roles;
  return best === undefined ? nearest.refused : { ok: true, roles: [best, ...others] };
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
