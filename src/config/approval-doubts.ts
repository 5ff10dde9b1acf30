import {
  isMemberOf,
  missingApprovals,
  type Identity,
  type PeoplesApproval,
  type Policy,
  type Quorum,
  type Role,
  type Vote,
} from "../access/index.js";
import type { ParsedConfig } from "./schema.js";
import type { ValuePath } from "./yaml-file.js";

interface Doubt {
  readonly path: ValuePath;
  readonly message: string;
}

/** A role's quorums and where each stands in the file. */
export function quorumsOf(
  role: string,
  { roles }: ParsedConfig,
): readonly (readonly [path: ValuePath, quorum: Quorum])[] {
  const approvals = roles[role]?.approvals;
  if (approvals === undefined || approvals.kind === "automatic") return [];
  const at = ["roles", role, "approvals"];
  const { key, quorums } = approvals;
  return quorums.map((quorum, position) => [key === undefined ? at : [...at, key, position], quorum]);
}

/** Approvals that nobody, or not for everybody, could give; an emergency that nobody could look at afterwards. */
export function approvalDoubts(role: Role, policy: Policy, parsed: ParsedConfig): readonly Doubt[] {
  return [...quorumDoubts(role, policy, parsed), ...breakGlassDoubts(role, policy)];
}

function quorumDoubts(
  { name, approvals, groups }: Role,
  policy: Policy,
  parsed: ParsedConfig,
): readonly Doubt[] {
  if (approvals.kind === "automatic") return [];
  const people = [...policy.identities.values()];
  const short = quorumsOf(name, parsed).filter(([, { count, from }]) => count > inAny(people, from).length);
  if (short.length > 0 && (approvals.kind === "all-of" || short.length === approvals.quorums.length)) {
    const message = "there are not that many people in the groups that approve";
    return short.map(([path]) => ({ path: [...path, "count"], message }));
  }
  const at = ["roles", name, "approvals"];
  const keyless = withoutKeys(approvals, people);
  if (keyless !== undefined)
    return [{ path: [...at, approvals.presence ? "presence" : "signed"], message: keyless }];
  const left = whoeverIsLeft(approvals, inAny(people, groups), people);
  if (left.length === 0) return [];
  const message = `a request of ${shown(left)} could not be approved: nobody approves their own, and nobody counts twice`;
  return [{ path: at, message }];
}

/** Where only signatures count: that nobody could give one, though there are people enough. */
function withoutKeys(approvals: PeoplesApproval, people: readonly Identity[]): string | undefined {
  if (!approvals.signed && !approvals.presence) return undefined;
  const votes = people.map(voteOf);
  const bare: PeoplesApproval = { ...approvals, signed: false, presence: false };
  const isShort = (rule: PeoplesApproval): boolean => missingApprovals(rule, votes, "").length > 0;
  if (isShort(bare) || !isShort(approvals)) return undefined;
  return approvals.presence
    ? "too few of those who approve have a hardware key (sk-ssh-ed25519@openssh.com …)"
    : "too few of those who approve have a key to sign with";
}

/** Those who may ask, but whose request could not be approved by all the others together. */
function whoeverIsLeft(
  approvals: PeoplesApproval,
  requesters: readonly Identity[],
  people: readonly Identity[],
): readonly string[] {
  const enough = enoughFor(approvals, people).map(voteOf);
  const isCounted = new Set(enough.map(({ by }) => by));
  const outsiders = requesters.filter(({ name }) => !isCounted.has(name));
  const approvers = requesters.filter(({ name }) => isCounted.has(name));
  const isLeft = ({ name }: Identity): boolean => missingApprovals(approvals, enough, name).length > 0;
  // It is all the same which outsider asks.
  const [outsider] = outsiders;
  const left = outsider !== undefined && isLeft(outsider) ? outsiders : [];
  return [...left, ...approvers.filter(isLeft)].map(({ name }) => name);
}

/** Of each quorum's people, more than there are seats in all: with them, one more or less changes nothing. */
function enoughFor({ quorums, ...rule }: PeoplesApproval, people: readonly Identity[]): readonly Identity[] {
  const able = people.filter((one) => {
    const vote = voteOf(one);
    return (vote.signed || !rule.signed) && (vote.presence || !rule.presence);
  });
  const seats = quorums.reduce((sum, { count }) => sum + count, 0);
  return [...new Set(quorums.flatMap(({ from }) => inAny(able, from).slice(0, seats + 1)))];
}

/** The best vote that somebody could give. */
function voteOf({ name, groups, keys }: Identity): Vote {
  return {
    by: name,
    groups,
    signed: keys.length > 0,
    presence: keys.some(({ line }) => line.startsWith("sk-")),
  };
}

function breakGlassDoubts(role: Role, policy: Policy): readonly Doubt[] {
  if (!role.breakGlass) return [];
  const path = ["roles", role.name, "breakGlass"];
  if (role.approvals.kind === "automatic")
    return [{ path, message: "the role's approvals are automatic, so there is no glass to break" }];
  const people = [...policy.identities.values()];
  const reviewers = inAny(people, [
    ...policy.admins,
    ...policy.auditors,
    ...role.approvals.quorums.flatMap(({ from }) => from),
  ]);
  const alone = inAny(people, role.groups).filter(({ name }) => reviewers.every((one) => one.name === name));
  if (alone.length === 0) return [];
  const message = `nobody else could look at what ${shown(alone.map(({ name }) => name))} did: no approver, auditor or admin`;
  return [{ path, message }];
}

function inAny(people: readonly Identity[], groups: readonly string[]): readonly Identity[] {
  return people.filter((one) => isMemberOf(one, groups));
}

/** A few names, and how many more. */
function shown(names: readonly string[]): string {
  const few = 3;
  const more = names.length - few;
  return more > 0 ? `${names.slice(0, few).join(", ")} and ${more} more` : names.join(", ");
}
