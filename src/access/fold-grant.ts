import { approvedMs } from "./approved-duration.js";
import { isApproved } from "./approvals.js";
import { addTo, grantOf, impossible, requestOf, type MutableState } from "./fold-state.js";
import { endRequest } from "./fold-request.js";
import type { GrantEnded, GrantExtended, GrantIssued, GrantReviewed, GrantRevoked } from "./grant-event.js";
import { isGrantOver } from "./grant-over.js";
import type { Grant } from "./grant.js";
import type { RequestId } from "./id.js";
import type { RequestState } from "./state.js";

/** A grant that answers a request gives no more than was asked, and only with the approvals that were needed. */
export function issueGrant(state: MutableState, { grant, by, request }: GrantIssued, atMs: number): void {
  if (state.grants.has(grant.id)) throw impossible(`grant ${grant.id} was issued before`);
  if ((grant.how === undefined) !== (request === undefined))
    throw impossible(`grant ${grant.id} was asked for and was not`);
  if (request !== undefined) checkAnswers(grant, openRequest(state, request));
  state.grants.set(grant.id, {
    ...{ grant, issuedAtMs: atMs, issuedAtElapsedMs: state.clock.elapsedMs, by, extensions: [] },
    ...(request !== undefined && { request }),
  });
  addTo(state.grantsOf, grant.identity, grant.id);
  state.openGrants.add(grant.id);
  if (grant.how === "break-glass") state.openReviews.add(grant.id);
  if (request !== undefined) endRequest(state, request, { kind: "granted", atMs, by, grant: grant.id });
}

/** Its live sessions last longer with it. A grant that is over, or taken back, stays so. */
export function extendGrant(state: MutableState, event: GrantExtended, atMs: number): void {
  const held = grantOf(state, event.grant);
  const { grant, extensions } = held;
  if (held.revoked) throw impossible(`grant ${grant.id} was revoked`);
  if (isGrantOver(held, atMs)) throw impossible(`grant ${grant.id} had ended`);
  if (event.untilMs <= grant.untilMs) throw impossible(`grant ${grant.id} would not last longer`);
  const { untilMs, by, reason, request } = event;
  if (request === undefined) {
    if (by !== grant.identity) throw impossible(`grant ${grant.id} is extended without a request`);
    if (extensions.some((one) => one.request === undefined))
      throw impossible(`grant ${grant.id} was extended by its holder before`);
  } else {
    const asked = openRequest(state, request);
    if (asked.request.extends !== grant.id) throw impossible(`request ${request} is for something else`);
    checkApproved(asked);
    if (untilMs - grant.untilMs > wholeSecondsUp(approvedMs(asked)))
      throw impossible(`grant ${grant.id} would last longer than was asked or approved`);
  }
  const extension = { atMs, untilMs, by, reason, ...(request !== undefined && { request }) };
  state.grants.set(grant.id, {
    ...held,
    grant: { ...grant, untilMs },
    extensions: [...extensions, extension],
  });
  if (request !== undefined) endRequest(state, request, { kind: "granted", atMs, by, grant: grant.id });
  for (const id of state.liveSessions) {
    const session = state.sessions.get(id);
    if (session?.grant === grant.id) state.sessions.set(id, { ...session, untilMs });
  }
}

export function revokeGrant(state: MutableState, event: GrantRevoked, atMs: number): void {
  const held = grantOf(state, event.grant);
  if (held.revoked) return;
  state.grants.set(event.grant, { ...held, revoked: { atMs, by: event.by, reason: event.reason } });
  state.openGrants.delete(event.grant);
}

/** Once over, it stays so. That the entry's time may be before the end is no fault: a clock that was set back does not save a grant. */
export function endGrant(state: MutableState, event: GrantEnded, atMs: number): void {
  const held = grantOf(state, event.grant);
  if (!state.openGrants.delete(event.grant)) return;
  state.grants.set(event.grant, { ...held, ended: { atMs } });
}

/** The first review stands; nobody reviews themselves. */
export function reviewGrant(state: MutableState, event: GrantReviewed, atMs: number): void {
  const held = grantOf(state, event.grant);
  const { how, identity } = held.grant;
  if (how !== "break-glass") throw impossible(`grant ${event.grant} needs no review`);
  if (event.by === identity) throw impossible(`grant ${event.grant} is reviewed by its holder`);
  if (held.review) return;
  state.grants.set(event.grant, { ...held, review: { atMs, by: event.by, comment: event.comment } });
  state.openReviews.delete(event.grant);
}

function openRequest(state: MutableState, id: RequestId): RequestState {
  const held = requestOf(state, id);
  if (held.outcome !== undefined) throw impossible(`request ${id} has ended`);
  return held;
}

function checkAnswers(grant: Grant, asked: RequestState): void {
  const { request, approvals } = asked;
  const answers =
    request.extends === undefined &&
    request.identity === grant.identity &&
    request.role === grant.role &&
    grant.targets.every((target) => request.targets.includes(target)) &&
    grant.logins.every((login) => request.logins.includes(login));
  if (!answers) throw impossible(`grant ${grant.id} is not what request ${request.id} asked for`);
  if (grant.untilMs - grant.fromMs > wholeSecondsUp(approvedMs(asked)))
    throw impossible(`grant ${grant.id} is longer than was asked or approved`);
  if (grant.fromMs < (request.fromMs ?? 0))
    throw impossible(`grant ${grant.id} begins earlier than was asked`);
  if (grant.how === "break-glass") {
    if (!request.breakGlass) throw impossible(`request ${request.id} is no emergency`);
    return;
  }
  checkApproved(asked);
  const isAutomatic = request.needs.kind === "automatic";
  if (isAutomatic !== (grant.how === "automatic"))
    throw impossible(`grant ${grant.id} does not say how it came about`);
  const people = approvals.map(({ by }) => by);
  if (grant.approvers.some((name) => !people.includes(name)))
    throw impossible(`grant ${grant.id} names approvers who did not approve`);
}

function checkApproved({ request, approvals }: RequestState): void {
  if (!isApproved(request.needs, approvals, request.identity))
    throw impossible(`request ${request.id} lacks approvals`);
}

/** A grant ends at a whole second, as certificates do: up to one second later than asked. */
function wholeSecondsUp(ms: number): number {
  return ms + 1000;
}
