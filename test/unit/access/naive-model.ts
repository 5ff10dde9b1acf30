/**
 * An independent account of who may do what: lists, filters and brute force, written from the rules and not from the code.
 * It imports nothing of it. Numbers of requests and grants are places in the lists.
 */
export interface NaiveRole {
  readonly name: string;
  readonly groups: readonly string[];
  readonly targets: readonly string[];
  readonly kind: "automatic" | "all-of" | "any-of";
  readonly quorums: readonly { readonly count: number; readonly from: readonly string[] }[];
  readonly maxMs: number;
  readonly breakGlass: boolean;
  readonly selfMs: number;
}

export interface NaivePolicy {
  readonly people: Readonly<Record<string, readonly string[]>>;
  readonly roles: readonly NaiveRole[];
  readonly admins: readonly string[];
}

interface Yes {
  readonly who: string;
  readonly groups: readonly string[];
}

interface NaiveRequest {
  who: string;
  target: string;
  /** As it was asked; `ms` is what the approvals leave of it. */
  askedMs: number;
  ms: number;
  asked: NaiveRole;
  glass: boolean;
  extends: number | undefined;
  madeAt: number;
  lapsesAt: number;
  yes: Yes[];
  open: boolean;
}

interface NaiveGrant {
  who: string;
  target: string;
  role: string;
  from: number;
  until: number;
  glass: boolean;
  revoked: boolean;
  selfExtended: boolean;
  reviewed: boolean;
}

export const OPEN_MAX = 3;
export const HOURLY_MAX = 5;
export const LAPSE_MS = 60_000;
const HOUR_MS = 3_600_000;

export class NaiveModel {
  now = 0;
  policy: NaivePolicy;
  requests: NaiveRequest[] = [];
  grants: NaiveGrant[] = [];
  locks: string[] = [];

  constructor(policy: NaivePolicy) {
    this.policy = policy;
  }

  ask(who: string, target: string, roleName: string, ms: number, glass: boolean): boolean {
    const asked = this.#role(roleName);
    if (this.#locked(who, target) || asked === undefined || !this.#gives(asked, who, target)) return false;
    if (ms > asked.maxMs) return false;
    if (glass ? !asked.breakGlass : !this.#couldBe(asked, who)) return false;
    const waiting = this.#waiting(who);
    const isSame = (other: NaiveRequest): boolean =>
      other.extends === undefined && other.target === target && other.asked.name === roleName;
    if (!glass && (waiting.some(isSame) || waiting.length >= OPEN_MAX)) return false;
    if (this.#lately(who) >= HOURLY_MAX) return false;
    this.#push(who, target, ms, asked, glass, undefined);
    return true;
  }

  approve(at: number, by: string, shorter: number | undefined): boolean {
    const request = this.requests[at];
    if (request === undefined || !request.open || this.now >= request.lapsesAt) return false;
    if (this.#locked(by, "") || this.#locked(request.who, request.target)) return false;
    if (by === request.who || request.yes.some(({ who }) => who === by)) return false;
    const role = this.#role(request.asked.name);
    const groups = this.policy.people[by];
    if (groups === undefined || role === undefined || !this.#stillGives(role, request)) return false;
    if (request.asked.kind === "automatic" || !isIn(request.asked, groups)) return false;
    if (role.kind !== "automatic" && !isIn(role, groups)) return false;
    const ms = shorter ?? request.askedMs;
    if (ms > request.askedMs) return false;
    request.yes.push({ who: by, groups });
    request.ms = Math.min(request.ms, ms);
    if (enough(request.asked, request.yes)) this.#settle(request);
    return true;
  }

  deny(at: number, by: string): boolean {
    const request = this.requests[at];
    if (request === undefined || !request.open || this.now >= request.lapsesAt || by === request.who)
      return false;
    const groups = this.policy.people[by] ?? [];
    const isAdmin = by === "admin@local" || groups.some((group) => this.policy.admins.includes(group));
    const now = this.#role(request.asked.name);
    const hasSay = isIn(request.asked, groups) || (now !== undefined && isIn(now, groups));
    if (this.#locked(by, "") || !(isAdmin || hasSay)) return false;
    request.open = false;
    return true;
  }

  cancel(at: number, by: string): boolean {
    const request = this.requests[at];
    if (request === undefined || !request.open || this.now >= request.lapsesAt) return false;
    if (by !== request.who || this.#locked(by, "")) return false;
    request.open = false;
    return true;
  }

  extend(at: number, by: string, ms: number): boolean {
    const grant = this.grants[at];
    if (grant === undefined || grant.who !== by || grant.revoked || this.now >= grant.until) return false;
    if (this.#locked(by, grant.target)) return false;
    const role = this.#role(grant.role);
    if (role === undefined || !this.#gives(role, by, grant.target)) return false;
    if (grant.until + ms - this.now > role.maxMs) return false;
    if (!grant.selfExtended && ms <= role.selfMs) {
      grant.selfExtended = true;
      grant.until += ms;
      return true;
    }
    const waiting = this.#waiting(by);
    if (!this.#couldBe(role, by) || waiting.some((other) => other.extends === at)) return false;
    if (waiting.length >= OPEN_MAX || this.#lately(by) >= HOURLY_MAX) return false;
    this.#push(by, grant.target, ms, role, false, at);
    return true;
  }

  review(at: number, by: string): boolean {
    const grant = this.grants[at];
    if (grant === undefined || !grant.glass || grant.reviewed || by === grant.who) return false;
    if (this.#locked(by, "") || !(grant.revoked || this.now >= grant.until)) return false;
    const groups = this.policy.people[by];
    const role = this.#role(grant.role);
    const isAdmin = groups?.some((group) => this.policy.admins.includes(group)) ?? false;
    if (groups === undefined || !(isAdmin || (role !== undefined && isIn(role, groups)))) return false;
    grant.reviewed = true;
    return true;
  }

  revoke(at: number): void {
    const grant = this.grants[at];
    if (grant !== undefined) grant.revoked = true;
  }

  lock(name: string): void {
    this.locks.push(name);
  }

  unlock(name: string): void {
    this.locks = this.locks.filter((lock) => lock !== name);
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** The clock comes round, later than it might. */
  lapse(): void {
    for (const request of this.requests) if (this.now >= request.lapsesAt) request.open = false;
  }

  /** Until when somebody may be on a target from now on; undefined: they may not. */
  accessUntil(who: string, target: string): number | undefined {
    if (this.#locked(who, target) || this.policy.people[who] === undefined) return undefined;
    const live = this.grants.filter((grant) => {
      const role = this.#role(grant.role);
      const isTheirs = grant.who === who && grant.target === target && !grant.revoked;
      const isNow = grant.from <= this.now && this.now < grant.until;
      return isTheirs && isNow && role !== undefined && this.#gives(role, who, target);
    });
    return live.length === 0 ? undefined : Math.max(...live.map(({ until }) => until));
  }

  #push(
    who: string,
    target: string,
    ms: number,
    asked: NaiveRole,
    glass: boolean,
    of: number | undefined,
  ): void {
    const times = { madeAt: this.now, lapsesAt: this.now + LAPSE_MS };
    const request = {
      who,
      target,
      askedMs: ms,
      ms,
      asked,
      glass,
      extends: of,
      ...times,
      yes: [],
      open: true,
    };
    this.requests.push(request);
    if (glass || asked.kind === "automatic") this.#settle(request);
  }

  #settle(request: NaiveRequest): void {
    request.open = false;
    const role = this.#role(request.asked.name);
    if (role === undefined || !this.#stillGives(role, request)) return;
    const voters = request.yes.filter(({ who }) => this.policy.people[who] && !this.#locked(who, ""));
    const today = voters.map(({ who }) => ({ who, groups: this.policy.people[who] ?? [] }));
    if (!request.glass && !enough(role, today)) return;
    const extended = request.extends === undefined ? undefined : this.grants[request.extends];
    if (extended !== undefined) {
      extended.until += request.ms;
      return;
    }
    const { who, target, glass, ms } = request;
    const times = { from: this.now, until: this.now + ms };
    const fresh = { revoked: false, selfExtended: false, reviewed: false };
    this.grants.push({ who, target, role: role.name, glass, ...times, ...fresh });
  }

  #stillGives(role: NaiveRole, request: NaiveRequest): boolean {
    if (!this.#gives(role, request.who, request.target)) return false;
    if (request.extends === undefined) return request.ms <= role.maxMs;
    const grant = this.grants[request.extends];
    if (grant === undefined || grant.revoked || this.now >= grant.until) return false;
    return grant.until + request.ms - this.now <= role.maxMs;
  }

  #gives(role: NaiveRole, who: string, target: string): boolean {
    const groups = this.policy.people[who] ?? [];
    return role.targets.includes(target) && groups.some((group) => role.groups.includes(group));
  }

  #couldBe(role: NaiveRole, who: string): boolean {
    const others = Object.entries(this.policy.people).filter(
      ([name]) => name !== who && !this.#locked(name, ""),
    );
    return enough(
      role,
      others.map(([name, groups]) => ({ who: name, groups })),
    );
  }

  #waiting(who: string): NaiveRequest[] {
    return this.requests.filter((one) => one.who === who && one.open && this.now < one.lapsesAt);
  }

  #lately(who: string): number {
    return this.requests.filter((one) => one.who === who && one.madeAt > this.now - HOUR_MS).length;
  }

  #role(name: string): NaiveRole | undefined {
    return this.policy.roles.find((role) => role.name === name);
  }

  #locked(who: string, target: string): boolean {
    return this.locks.includes(who) || this.locks.includes(target);
  }
}

function isIn(role: NaiveRole, groups: readonly string[]): boolean {
  return role.quorums.some(({ from }) => from.some((group) => groups.includes(group)));
}

function enough(role: NaiveRole, yes: readonly Yes[]): boolean {
  if (role.kind === "automatic") return true;
  const seats = (at: number): (readonly string[])[] => {
    const quorum = role.quorums[at];
    return Array.from({ length: quorum?.count ?? 0 }, () => quorum?.from ?? []);
  };
  const places = role.quorums.map((_, at) => at);
  return role.kind === "all-of"
    ? fills(places.flatMap(seats), yes)
    : places.some((at) => fills(seats(at), yes));
}

/** Every way to put people into seats is tried. */
function fills([seat, ...others]: readonly (readonly string[])[], people: readonly Yes[]): boolean {
  if (seat === undefined) return true;
  const fitting = people.filter(({ groups }) => groups.some((group) => seat.includes(group)));
  return fitting.some((one) =>
    fills(
      others,
      people.filter(({ who }) => who !== one.who),
    ),
  );
}
