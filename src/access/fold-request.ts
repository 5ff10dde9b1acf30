import { approvalUser } from "./access-request.js";
import { addTo, grantOf, impossible, requestOf, type MutableState } from "./fold-state.js";
import type { RequestId } from "./id.js";
import type { RequestApproved, RequestMade } from "./request-event.js";
import type { RequestOutcome } from "./state.js";

export function makeRequest(state: MutableState, { request }: RequestMade, atMs: number): void {
  const { id, identity, extends: grant } = request;
  if (state.requests.has(id)) throw impossible(`request ${id} was made before`);
  if (grant !== undefined && grantOf(state, grant).grant.identity !== identity)
    throw impossible(`request ${id} is to extend a grant of somebody else`);
  state.requests.set(id, {
    ...{ request, madeAtMs: atMs, madeAtElapsedMs: state.clock.elapsedMs },
    approvals: [],
  });
  state.openRequests.add(id);
  addTo(state.requestsOf, identity, id);
}

/** Nobody says yes to their own request, or twice, or to one that has ended. */
export function approveRequest(state: MutableState, event: RequestApproved, atMs: number): void {
  const held = requestOf(state, event.request);
  const { request, approvals, outcome } = held;
  if (outcome !== undefined) throw impossible(`request ${request.id} has ended`);
  if (event.by === request.identity) throw impossible(`request ${request.id} is approved by its requester`);
  if (approvals.some(({ by }) => by === event.by))
    throw impossible(`request ${request.id} is approved by ${event.by} twice`);
  if (atMs >= request.lapsesAtMs) throw impossible(`request ${request.id} had lapsed`);
  const { by, groups, fingerprint, durationMs, comment, evidence, presence } = event;
  if (evidence !== undefined && evidence.user !== approvalUser(request))
    throw impossible(`request ${request.id} is approved by a signature for something else`);
  if (presence && evidence === undefined)
    throw impossible(`request ${request.id} is approved by a touch without a signature`);
  if (durationMs !== undefined && (durationMs === 0 || durationMs > request.durationMs))
    throw impossible(`request ${request.id} is approved for longer than was asked`);
  const approval = {
    ...{ by, groups, presence, signed: evidence !== undefined, atMs },
    ...(fingerprint !== undefined && { fingerprint }),
    ...(durationMs !== undefined && { durationMs }),
    ...(comment !== undefined && { comment }),
    ...(evidence !== undefined && { evidence }),
  };
  state.requests.set(request.id, { ...held, approvals: [...approvals, approval] });
}

/** The first end stands. */
export function endRequest(state: MutableState, id: RequestId, outcome: RequestOutcome): void {
  const held = requestOf(state, id);
  if (held.outcome === undefined) state.requests.set(id, { ...held, outcome });
  state.openRequests.delete(id);
}
