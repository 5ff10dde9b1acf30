import type { GrantId } from "./id.js";
import type { Role } from "./policy.js";
import type { GrantState, SessionState, State } from "./state.js";

/** What somebody did under a role, in a stretch of time. */
export interface UserOfRole {
  readonly identity: string;
  readonly sessions: number;
  /** Beginning of the latest. */
  readonly lastAtMs: number;
}

/** An emergency in which somebody let themselves in. */
export interface BreakGlassUse {
  readonly grant: GrantId;
  readonly identity: string;
  readonly atMs: number;
  readonly reviewedBy?: string;
}

/** What was done under one role from `sinceMs` on. */
export interface RoleUsage {
  readonly sessions: number;
  /** By name. */
  readonly users: readonly UserOfRole[];
  readonly logins: ReadonlySet<string>;
  readonly targets: ReadonlySet<string>;
  /** By `permissionKey`. */
  readonly permissions: ReadonlySet<string>;
  readonly breakGlass: readonly BreakGlassUse[];
  /** Of the grants that were given or used; 0 if there were none. */
  readonly longestGrantMs: number;
}

/** One identity as one login on one target. */
export function permissionKey(identity: string, target: string, login: string): string {
  return `${identity} ${target} ${login}`;
}

/** How each of these roles was used by sessions that lived, and grants that were given, at `sinceMs` or later. */
export function usageOf(
  state: State,
  roles: Iterable<Role>,
  sinceMs: number,
): ReadonlyMap<string, RoleUsage> {
  const counts = new Map([...roles].map(({ name }) => [name, new Count()]));
  for (const held of state.grants.values()) {
    if (held.issuedAtMs >= sinceMs) counts.get(held.grant.role)?.addGrant(held);
  }
  for (const session of state.sessions.values()) {
    const held = state.grants.get(session.grant);
    const isRecent = (session.ended?.atMs ?? Infinity) >= sinceMs;
    if (isRecent && held !== undefined) counts.get(held.grant.role)?.addSession(session, held);
  }
  return counts;
}

class Count implements RoleUsage {
  sessions = 0;
  longestGrantMs = 0;
  readonly logins = new Set<string>();
  readonly targets = new Set<string>();
  readonly permissions = new Set<string>();
  readonly breakGlass: BreakGlassUse[] = [];
  readonly #users = new Map<string, UserOfRole>();

  get users(): readonly UserOfRole[] {
    return [...this.#users.values()].sort((a, b) => (a.identity < b.identity ? -1 : 1));
  }

  addGrant({ grant, issuedAtMs, review }: GrantState): void {
    this.longestGrantMs = Math.max(this.longestGrantMs, grant.untilMs - grant.fromMs);
    if (grant.how !== "break-glass") return;
    const reviewed = review === undefined ? {} : { reviewedBy: review.by };
    this.breakGlass.push({ grant: grant.id, identity: grant.identity, atMs: issuedAtMs, ...reviewed });
  }

  addSession({ identity, target, login, startedAtMs }: SessionState, { grant }: GrantState): void {
    this.sessions += 1;
    this.longestGrantMs = Math.max(this.longestGrantMs, grant.untilMs - grant.fromMs);
    this.logins.add(login);
    this.targets.add(target);
    this.permissions.add(permissionKey(identity, target, login));
    const known = this.#users.get(identity);
    this.#users.set(identity, {
      identity,
      sessions: (known?.sessions ?? 0) + 1,
      lastAtMs: Math.max(known?.lastAtMs ?? 0, startedAtMs),
    });
  }
}
