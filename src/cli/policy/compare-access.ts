import {
  coversTarget,
  isMemberOf,
  loginsOn,
  type Identity,
  type Policy,
  type PolicyTarget,
  type Role,
} from "../../access/index.js";

/** Two policies, the one in force and the one that is to be. */
export interface PolicyPair {
  readonly before: Policy;
  readonly after: Policy;
}

/** What changes for every one of these identities as every one of these logins on every one of these targets. */
export interface AccessChange {
  /** `changed`: there was a way, and there is one, but not the same. */
  readonly kind: "gained" | "lost" | "changed";
  readonly identities: readonly string[];
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  /** The roles that gave it, without those that still do on the same terms. */
  readonly before: readonly Role[];
  /** The roles that give it, without those that did before on the same terms. */
  readonly after: readonly Role[];
}

type Sides<T> = { readonly before: T; readonly after: T };

/** Identities (or targets) that no role of either policy tells apart. */
interface Alike {
  readonly names: string[];
  /** Per side: the roles that speak of them, and for targets the logins that each gives. */
  readonly roles: Sides<ReadonlyMap<string, readonly string[]>>;
}

/**
 * What changes between two policies, whole groups at a time: a thousand targets that no role tells apart are one. `terms` makes a
 * text of what a role gives; two roles of the same name and terms are the same.
 */
export function compareAccess(policies: PolicyPair, terms: (role: Role) => string): readonly AccessChange[] {
  const people = alike(policies, ({ identities }) => identities, asMember);
  const targets = alike(policies, ({ targets }) => targets, asTarget);
  const changes: Change[] = [];
  for (const who of people) {
    for (const where of targets) changes.push(...changesBetween(who, where, policies, terms));
  }
  return merged(changes);
}

function alike<T>(
  { before, after }: PolicyPair,
  of: (policy: Policy) => ReadonlyMap<string, T>,
  rolesOf: (policy: Policy, one: T | undefined) => ReadonlyMap<string, readonly string[]>,
): readonly Alike[] {
  const found = new Map<string, Alike>();
  for (const name of new Set([...of(before).keys(), ...of(after).keys()])) {
    const roles = {
      before: rolesOf(before, of(before).get(name)),
      after: rolesOf(after, of(after).get(name)),
    };
    const key = JSON.stringify([[...roles.before], [...roles.after]]);
    const same = found.get(key);
    if (same === undefined) found.set(key, { names: [name], roles });
    else same.names.push(name);
  }
  return [...found.values()];
}

function asMember({ roles }: Policy, identity: Identity | undefined): ReadonlyMap<string, readonly string[]> {
  const own =
    identity === undefined ? [] : [...roles.values()].filter(({ groups }) => isMemberOf(identity, groups));
  return new Map(own.map(({ name }) => [name, []]));
}

function asTarget(
  { roles }: Policy,
  target: PolicyTarget | undefined,
): ReadonlyMap<string, readonly string[]> {
  if (target === undefined) return new Map();
  const covering = [...roles.values()].filter((role) => coversTarget(role.targets, target));
  return new Map(covering.map((role) => [role.name, loginsOn(role, target)]));
}

/** A change and the text by which it is the same as another. */
interface Change extends AccessChange {
  readonly key: string;
}

function changesBetween(
  who: Alike,
  where: Alike,
  policies: PolicyPair,
  terms: (role: Role) => string,
): readonly Change[] {
  const given = { before: rolesByLogin("before"), after: rolesByLogin("after") };
  const logins = new Set([...given.before.keys(), ...given.after.keys()]);
  return [...logins].flatMap((login) => {
    const [had, has] = [given.before.get(login) ?? [], given.after.get(login) ?? []];
    const [before, after] = [without(had, has, terms), without(has, had, terms)];
    if (before.length + after.length === 0) return [];
    const kind = had.length === 0 ? "gained" : has.length === 0 ? "lost" : "changed";
    const [was, is] = [before, after].map((roles) => roles.map((role) => [role.name, terms(role)]));
    const key = JSON.stringify([kind, was, is]);
    return [{ key, kind, identities: who.names, targets: where.names, logins: [login], before, after }];
  });

  function rolesByLogin(side: keyof PolicyPair): ReadonlyMap<string, readonly Role[]> {
    const found = new Map<string, Role[]>();
    for (const name of [...who.roles[side].keys()].sort()) {
      const role = policies[side].roles.get(name);
      if (role === undefined) continue;
      for (const login of where.roles[side].get(name) ?? [])
        found.set(login, [...(found.get(login) ?? []), role]);
    }
    return found;
  }
}

function without(
  roles: readonly Role[],
  others: readonly Role[],
  terms: (role: Role) => string,
): readonly Role[] {
  const isSame = (a: Role, b: Role): boolean => a.name === b.name && terms(a) === terms(b);
  return roles.filter((role) => !others.some((other) => isSame(role, other)));
}

const PARTS = ["logins", "targets", "identities"] as const;

/** The same change of the same people on the same targets is one, and so on: first logins, then targets, then people. */
function merged(changes: readonly Change[]): readonly AccessChange[] {
  let list = changes;
  for (const part of PARTS) {
    const found = new Map<string, Change>();
    for (const change of list) {
      const others = PARTS.filter((one) => one !== part).map((one) => change[one]);
      const key = JSON.stringify([change.key, ...others]);
      const same = found.get(key);
      const names = [...new Set([...(same?.[part] ?? []), ...change[part]])].sort();
      found.set(key, { ...change, [part]: names });
    }
    list = [...found.values()];
  }
  return list.map(({ kind, identities, targets, logins, before, after }) => {
    return { kind, identities, targets, logins, before, after };
  });
}
