import { boolean, count, list, object, oneOf, tagged, text, type Decode } from "./decode.js";
import { AccessError } from "./access-error.js";
import { parseName } from "./name.js";

/** So many different people, each from any of these groups. */
export interface Quorum {
  /** At least 1. */
  readonly count: number;
  readonly from: readonly string[];
}

/** Who must agree before a request becomes a grant. */
export type Approvals = AutomaticApproval | PeoplesApproval;

/** Nobody: the policy itself says yes, and the ledger says that it did. */
export interface AutomaticApproval {
  readonly kind: "automatic";
}

/**
 * `all-of`: every quorum, and nobody counts in two of them. `any-of`: one of them.
 */
export interface PeoplesApproval {
  readonly kind: "all-of" | "any-of";
  /** At least one. */
  readonly quorums: readonly Quorum[];
  /** Only approvals that the approver's own ssh client signed for this very request count. */
  readonly signed: boolean;
  /** Only those that were signed by a touched hardware key count; it takes `signed` with it. */
  readonly presence: boolean;
}

/** One person's yes, as far as counting goes. */
export interface Vote {
  readonly by: string;
  /** The groups that this person was in when they said yes. */
  readonly groups: readonly string[];
  readonly signed: boolean;
  readonly presence: boolean;
}

/** How many quorums one rule may have, and how many groups or people one may name. */
export const QUORUMS_MAX = 8;
export const QUORUM_GROUPS_MAX = 16;
export const QUORUM_COUNT_MAX = 16;

/**
 * Whether these votes are enough. The requester's own never counts, nor does a second vote of the same person.
 */
export function isApproved(needs: Approvals, votes: readonly Vote[], requester: string): boolean {
  return missingApprovals(needs, votes, requester).length === 0;
}

/**
 * What is still missing: for `all-of` each unmet quorum with the number of people it still wants; for `any-of` the quorums
 * of which one would do, or none when one is met. Empty means approved.
 */
export function missingApprovals(
  needs: Approvals,
  votes: readonly Vote[],
  requester: string,
): readonly Quorum[] {
  if (needs.kind === "automatic") return [];
  const counting = countingVotes(needs, votes, requester);
  if (needs.kind === "all-of") return unmet(needs.quorums, counting);
  const missing = needs.quorums.map((quorum) => unmet([quorum], counting));
  return missing.some((quorums) => quorums.length === 0) ? [] : missing.flat();
}

/**
 * Names of the people who make it approved, as a grant keeps them: everybody in a seat, for `any-of` those of the first quorum
 * that is met. Empty while something is missing.
 */
export function seatedApprovers(
  needs: Approvals,
  votes: readonly Vote[],
  requester: string,
): readonly string[] {
  if (needs.kind === "automatic" || !isApproved(needs, votes, requester)) return [];
  const counting = countingVotes(needs, votes, requester);
  const met = needs.quorums.find((quorum) => unmet([quorum], counting).length === 0);
  const quorums = needs.kind === "all-of" ? needs.quorums : met === undefined ? [] : [met];
  return seating(quorums, counting).flatMap(({ vote }) => vote?.by ?? []);
}

/** Whether such a vote would count for a rule, leaving aside how many there are already. */
export function counts(needs: PeoplesApproval, vote: Vote): boolean {
  if ((needs.signed || needs.presence) && !vote.signed) return false; // a touch that is not for this request proves little
  if (needs.presence && !vote.presence) return false;
  return needs.quorums.some((quorum) => isFrom(quorum, vote));
}

/** The fewest people who could approve. */
export function peopleNeeded(needs: Approvals): number {
  if (needs.kind === "automatic") return 0;
  const people = needs.quorums.map((quorum) => quorum.count);
  return needs.kind === "all-of" ? people.reduce((sum, one) => sum + one, 0) : Math.min(...people);
}

function countingVotes(needs: PeoplesApproval, votes: readonly Vote[], requester: string): readonly Vote[] {
  const byPerson = new Map<string, Vote>();
  for (const vote of votes) {
    if (vote.by !== requester && counts(needs, vote) && !byPerson.has(vote.by)) byPerson.set(vote.by, vote);
  }
  return [...byPerson.values()];
}

/** What has empty seats is unmet. */
function unmet(quorums: readonly Quorum[], votes: readonly Vote[]): readonly Quorum[] {
  const seated = seating(quorums, votes);
  return quorums.flatMap((quorum) => {
    const missing = seated.filter(({ of, vote }) => of === quorum && vote === undefined).length;
    return missing === 0 ? [] : [{ ...quorum, count: missing }];
  });
}

/** Seats as many people as possible, each in one quorum only: a maximum matching, by augmenting paths. */
function seating(
  quorums: readonly Quorum[],
  votes: readonly Vote[],
): readonly { readonly of: Quorum; readonly vote: Vote | undefined }[] {
  const seats = quorums.flatMap((quorum) => Array.from({ length: quorum.count }, () => quorum));
  const seated = new Array<Vote | undefined>(seats.length).fill(undefined);
  for (const vote of votes) seat(vote, seats, seated, new Set());
  return seats.map((of, at) => ({ of, vote: seated[at] }));
}

function seat(
  vote: Vote,
  seats: readonly Quorum[],
  seated: (Vote | undefined)[],
  tried: Set<number>,
): boolean {
  for (const [at, quorum] of seats.entries()) {
    if (tried.has(at) || !isFrom(quorum, vote)) continue;
    tried.add(at);
    const sitting = seated[at];
    if (sitting !== undefined && !seat(sitting, seats, seated, tried)) continue;
    seated[at] = vote;
    return true;
  }
  return false;
}

function isFrom({ from }: Quorum, { groups }: Vote): boolean {
  return groups.some((group) => from.includes(group));
}

const quorum = object<Quorum>({ count: atLeastOne, from: list(text(parseName), QUORUM_GROUPS_MAX) });

function atLeastOne(value: unknown, path: string): number {
  const number = count(value, path);
  if (number < 1 || number > QUORUM_COUNT_MAX)
    throw new AccessError("bad-value", path, `must be 1 to ${QUORUM_COUNT_MAX}`);
  return number;
}

const peoples: Decode<PeoplesApproval> = (value, path) => {
  const approvals = object<PeoplesApproval>({
    kind: oneOf(["all-of", "any-of"]),
    quorums: list(quorum, QUORUMS_MAX),
    signed: boolean,
    presence: boolean,
  })(value, path);
  if (approvals.quorums.length === 0)
    throw new AccessError("bad-value", `${path}.quorums`, "must not be empty");
  return approvals;
};

/** Strict; throws AccessError. */
export const decodeApprovals: Decode<Approvals> = tagged<Approvals>("kind", {
  automatic: object<AutomaticApproval>({ kind: oneOf(["automatic"]) }),
  "all-of": peoples,
  "any-of": peoples,
});
