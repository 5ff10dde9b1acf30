import {
  approvalUser,
  missingApprovals,
  requestDigest,
  type AccessRequest,
  type Approvals,
  type Quorum,
  type RequestState,
} from "../access/index.js";
import { spanText, utcText } from "../wording/index.js";

type Wish = Pick<AccessRequest, "targets" | "logins" | "durationMs" | "extends" | "fromMs">;

/** `prod-db-1 as postgres for 30m`. */
export function wishText({ targets, logins, durationMs, extends: grant, fromMs }: Wish): string {
  const where = `${targets.join(", ")} as ${logins.join(", ")}`;
  if (grant !== undefined) return `${spanText(durationMs)} more of ${grant} (${where})`;
  const begin = fromMs === undefined ? "" : ` from ${utcText(fromMs)}`;
  return `${where} for ${spanText(durationMs)}${begin}`;
}

/** `alice on prod-db-1 as postgres for 30m`, or `alice: 15m more of grt-…`. */
export function whoseWishText(wish: Wish & Pick<AccessRequest, "identity">): string {
  return `${wish.identity}${wish.extends === undefined ? " on" : ":"} ${wishText(wish)}`;
}

/** How a request stands now, in one word: `waiting`, `granted`, `denied`, `cancelled` or `lapsed`. */
export function requestState({ outcome, request }: RequestState, nowMs: number): string {
  return outcome?.kind ?? (nowMs >= request.lapsesAtMs ? "lapsed" : "waiting");
}

/** The same for people, with who and why. */
export function requestStatus(held: RequestState, nowMs: number): string {
  const { outcome, request } = held;
  switch (outcome?.kind) {
    case "granted":
      return `granted: ${outcome.grant}`;
    case "denied":
      return `denied by ${outcome.by}: ${outcome.reason}`;
    case "cancelled":
      return `cancelled by ${outcome.by}${outcome.reason === undefined ? "" : `: ${outcome.reason}`}`;
    case "lapsed":
      return "lapsed";
    case undefined:
      return nowMs >= request.lapsesAtMs ? "lapsed" : `waits for ${wantedText(request.needs, missing(held))}`;
  }
}

/** Whom a request still wants; see `missingApprovals`. */
export function missing({ request, approvals }: RequestState): readonly Quorum[] {
  return missingApprovals(request.needs, approvals, request.identity);
}

/** `2 of approvers and 1 of leads or sre`; nobody: `nobody`. */
export function wantedText({ kind }: Approvals, quorums: readonly Quorum[]): string {
  if (quorums.length === 0) return "nobody";
  const texts = quorums.map(({ count, from }) => `${count} of ${from.join(" or ")}`);
  return texts.join(kind === "any-of" ? ", or " : " and ");
}

/** The line by which an approver's ssh client signs exactly this request. */
export function signingLine(request: AccessRequest, bastion: string): string {
  return `ssh ${approvalUser(request)}@${bastion}`;
}

/** A request as programs get it, with the evidence of its approvals. */
export function requestJson(held: RequestState, nowMs: number): object {
  const { request, madeAtMs, approvals, outcome } = held;
  return {
    ...request,
    madeAtMs,
    status: requestState(held, nowMs),
    digest: requestDigest(request),
    approvalUser: approvalUser(request),
    approvals,
    missing: outcome === undefined ? missing(held) : [],
    ...(outcome && { outcome }),
  };
}
