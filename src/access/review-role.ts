import { isMemberOf, type Identity, type Policy, type PolicyTarget, type Role } from "./policy.js";
import { coversTarget, loginsOn } from "./role-scope.js";
import { permissionKey, type RoleUsage } from "./usage.js";

/** Every one of these identities may be every one of these logins on every one of these targets, and nobody was. */
export interface UnusedPermissions {
  readonly identities: readonly string[];
  readonly targets: readonly string[];
  readonly logins: readonly string[];
}

/** What a role gives, held against what was used of it. */
export interface RoleReview {
  readonly role: Role;
  readonly usage: RoleUsage;
  /** Number of permissions (identity, target, login) that it gives, and of those that were used. */
  readonly given: number;
  readonly used: number;
  readonly unused: readonly UnusedPermissions[];
  /** `unused`: nothing of it was used. `tight`: there is nothing to take away. */
  readonly proposal:
    { readonly kind: "unused" | "tight" } | { readonly kind: "smaller"; readonly role: Role };
}

const MINUTE_MS = 60_000;

/**
 * Reviews one role. What it proposes still gives everybody all that they used, and never more than the role does; whether it is
 * also right for what comes, only people know. Break-glass is left as it is: an emergency that did not come is no reason.
 */
export function reviewRole(policy: Policy, role: Role, usage: RoleUsage): RoleReview {
  const members = [...policy.identities.values()].filter((one) => isMemberOf(one, role.groups));
  const targets = [...policy.targets.values()].filter((one) => coversTarget(role.targets, one));
  const unused = unusedOf(role, members, targets, usage);
  const given = members.length * targets.reduce((sum, target) => sum + loginsOn(role, target).length, 0);
  const idle = unused.reduce(
    (sum, { identities, logins, targets: on }) => sum + identities.length * logins.length * on.length,
    0,
  );
  return {
    role,
    usage,
    given,
    used: given - idle,
    unused,
    proposal: proposal(role, members, targets, usage),
  };
}

/** Grouped: people who left the same unused are named together, as are targets on which they did. */
function unusedOf(
  role: Role,
  members: readonly Identity[],
  targets: readonly PolicyTarget[],
  { users, permissions }: RoleUsage,
): readonly UnusedPermissions[] {
  const isUser = new Set(users.map(({ identity }) => identity));
  const left = (identity: string): ReadonlyMap<string, readonly string[]> => {
    const byLogins = new Map<string, string[]>();
    for (const target of targets) {
      const logins = loginsOn(role, target).filter(
        (login) => !permissions.has(permissionKey(identity, target.name, login)),
      );
      const key = JSON.stringify(logins);
      if (logins.length > 0) byLogins.set(key, [...(byLogins.get(key) ?? []), target.name]);
    }
    return byLogins;
  };
  const leftByOthers = left("");
  const groups = new Map<string, { names: string[]; byLogins: ReadonlyMap<string, readonly string[]> }>();
  for (const { name } of members) {
    const byLogins = isUser.has(name) ? left(name) : leftByOthers;
    const key = isUser.has(name) ? JSON.stringify([...byLogins]) : "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], byLogins });
    else group.names.push(name);
  }
  return [...groups.values()].flatMap(({ names, byLogins }) =>
    [...byLogins].map(([logins, on]) => ({
      identities: names,
      targets: on,
      logins: JSON.parse(logins) as string[],
    })),
  );
}

function proposal(
  role: Role,
  members: readonly Identity[],
  targets: readonly PolicyTarget[],
  usage: RoleUsage,
): RoleReview["proposal"] {
  if (usage.sessions === 0) return { kind: "unused" };
  const isUser = new Set(usage.users.map(({ identity }) => identity));
  const users = members.filter(({ name }) => isUser.has(name));
  const groups = role.groups.filter((group) => users.some((one) => one.groups.includes(group)));
  const logins = role.logins.filter((login) => usage.logins.has(login));
  const names = targets.map(({ name }) => name).filter((name) => usage.targets.has(name));
  // What was used may have left the policy since: then there is nothing to make a role of.
  if (groups.length === 0 || logins.length === 0 || names.length === 0) return { kind: "unused" };
  const smaller: Role = {
    ...role,
    groups,
    logins,
    targets: names.length === targets.length ? role.targets : { by: "names", globs: names.sort() },
    maxDurationMs: Math.min(role.maxDurationMs, Math.ceil(usage.longestGrantMs / MINUTE_MS) * MINUTE_MS),
  };
  const isSame =
    groups.length === role.groups.length &&
    logins.length === role.logins.length &&
    smaller.targets === role.targets &&
    smaller.maxDurationMs === role.maxDurationMs;
  return isSame ? { kind: "tight" } : { kind: "smaller", role: withoutLongExtension(smaller) };
}

/** A self-extension past the role's own end would be refused in a configuration. */
function withoutLongExtension({ selfExtensionMs, ...role }: Role): Role {
  if (selfExtensionMs === undefined) return role;
  return { ...role, selfExtensionMs: Math.min(selfExtensionMs, role.maxDurationMs) };
}
