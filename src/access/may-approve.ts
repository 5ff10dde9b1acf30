import { approvalUser, REQUEST_TEXT_CHARS_MAX } from "./access-request.js";
import { counts, QUORUMS_MAX, type PeoplesApproval, type Vote } from "./approvals.js";
import { fitsLedger } from "./event-size.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import type { Identity, Policy } from "./policy.js";
import type { ApprovalEvidence } from "./request-event.js";
import { roleStillGives } from "./still-given.js";
import type { RequestState, State } from "./state.js";

/** Somebody who wants to say yes, and by which login. */
export interface Approver {
  readonly name: string;
  /** Of the key that they logged in with. */
  readonly fingerprint?: string;
  /** Whether they signed for this very request; whoever asks has verified it. */
  readonly signed: boolean;
  /** Whether a hardware key signed that was touched. */
  readonly presence: boolean;
  readonly comment?: string;
  readonly evidence?: ApprovalEvidence;
}

export type ApprovalDenial =
  | "own-request"
  | "approved-before"
  | "not-open"
  | "lapsed"
  | "locked"
  | "key-revoked"
  | "foreign-key" // certified in the approver's name, but not theirs in the policy: somebody else may hold it
  | "not-an-approver"
  | "signature-required"
  | "presence-required"
  | "bad-duration"
  | "longer-than-asked"
  | "role-withdrawn"
  | "role-narrowed"
  | "grant-over" // the grant that it would extend
  | "text-too-long";

export type ApprovalVerdict =
  | {
      readonly ok: true;
      /** The groups by which this person counts, as they are to be written down. */
      readonly groups: readonly string[];
    }
  | Denied
  | Locked;

interface Denied {
  readonly ok: false;
  readonly reason: Exclude<ApprovalDenial, "locked">;
  /** For people. */
  readonly detail?: string;
}

/**
 * Whether somebody's yes to a request counts. `durationMs`: for that long only. Whether it is enough is for `missingApprovals`
 * to say, and for `stillGiven` whether a grant may follow.
 */
export function mayApprove(
  policy: Policy,
  state: State,
  held: RequestState,
  approver: Approver,
  durationMs: number | undefined,
  nowMs: number,
): ApprovalVerdict {
  const { request, approvals } = held;
  const lock = lockOn(state, { identity: approver.name });
  if (lock !== undefined) return lockedBy(lock);
  const revoked =
    approver.fingerprint === undefined ? undefined : state.revokedKeys.get(approver.fingerprint);
  if (revoked !== undefined) return { ok: false, reason: "key-revoked", detail: revoked.reason };
  if (approver.name === request.identity) return denied("own-request");
  const ended = endedFault(held, nowMs);
  if (ended !== undefined) return denied(ended);
  if (approvals.some(({ by }) => by === approver.name)) return denied("approved-before");
  const given = roleStillGives(policy, state, held, nowMs);
  if (!given.ok) return given.reason === "locked" ? given : asApprovalDenial(given);
  const identity = policy.identities.get(approver.name);
  if (identity === undefined || request.needs.kind === "automatic") return denied("not-an-approver");
  const { fingerprint } = approver;
  if (fingerprint !== undefined && !identity.keys.some((key) => key.fingerprint === fingerprint))
    return denied("foreign-key");
  const standing = standingFault(identity, approver, [request.needs, given.role.approvals]);
  if (standing !== undefined) return denied(standing);
  const duration = durationFault(durationMs, request.durationMs);
  if (duration !== undefined) return denied(duration);
  const groups = countingGroups(identity, request.needs);
  return isTooLong(held, approver, groups) ? denied("text-too-long") : { ok: true, groups };
}

/** What each rule in force has against an approver: the one it was asked under, and the role's own of today. */
function standingFault(
  identity: Identity,
  approver: Approver,
  rules: readonly RequestState["request"]["needs"][],
): "not-an-approver" | "signature-required" | "presence-required" | undefined {
  const peoples = rules.flatMap((rule) => (rule.kind === "automatic" ? [] : [rule]));
  const vote = (signed: boolean, presence: boolean): Vote => ({
    ...{ by: identity.name, groups: identity.groups, signed, presence },
  });
  const allCount = (each: Vote): boolean => peoples.every((rule) => counts(rule, each));
  if (!allCount(vote(true, true))) return "not-an-approver";
  if (!allCount(vote(approver.signed, true))) return "signature-required";
  return allCount(vote(approver.signed, approver.presence)) ? undefined : "presence-required";
}

/** What stands against any answer to a request: it has one, or its time is over. */
export function endedFault(
  { request, outcome }: RequestState,
  nowMs: number,
): "not-open" | "lapsed" | undefined {
  if (outcome !== undefined) return outcome.kind === "lapsed" ? "lapsed" : "not-open";
  return nowMs >= request.lapsesAtMs ? "lapsed" : undefined;
}

function durationFault(
  durationMs: number | undefined,
  askedMs: number,
): "bad-duration" | "longer-than-asked" | undefined {
  if (durationMs === undefined) return undefined;
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0) return "bad-duration";
  return durationMs > askedMs ? "longer-than-asked" : undefined;
}

/** The groups by which somebody counts: for each quorum one, then others; no more than there may be quorums. */
function countingGroups({ groups }: Identity, { quorums }: PeoplesApproval): readonly string[] {
  const counting = quorums.map(({ from }) => from.filter((group) => groups.includes(group)));
  const all = [...counting.flatMap((own) => own.slice(0, 1)), ...counting.flat()];
  return [...new Set(all)].slice(0, QUORUMS_MAX);
}

function isTooLong({ request }: RequestState, approver: Approver, groups: readonly string[]): boolean {
  const { name, fingerprint, comment, evidence, presence } = approver;
  if (comment !== undefined && comment.length > REQUEST_TEXT_CHARS_MAX) return true;
  return !fitsLedger({
    ...{ type: "request.approved", request: request.id, by: name, groups, presence },
    durationMs: request.durationMs,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(comment !== undefined && { comment }),
    ...(evidence !== undefined && { evidence: { ...evidence, user: approvalUser(request) } }),
  });
}

function asApprovalDenial(given: Exclude<ReturnType<typeof roleStillGives>, { ok: true } | Locked>): Denied {
  const { reason, detail } = given;
  const isApprovals = reason === "approvals-missing" || reason === "approvals-tightened";
  return { ok: false, reason: isApprovals ? "role-narrowed" : reason, detail };
}

function denied(reason: Denied["reason"]): Denied {
  return { ok: false, reason };
}
