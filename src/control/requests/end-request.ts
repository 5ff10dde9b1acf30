import { BASTION, isGrantGone, mayCancel, mayDeny, type RequestId, type State } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { GRANT_OVER } from "./settle-request.js";
import type { EndingRefused, RequestEnded, RequestEnding, RequestWithdrawal } from "./request-answer.js";

/** One no is enough. The caller holds the request's turn, here and below. */
export async function denyRequest(
  context: DecisionContext,
  { request: id, by, reason }: RequestEnding,
): Promise<RequestEnded | EndingRefused> {
  const { config, keeper, clocks } = context;
  const held = keeper.state.requests.get(id);
  if (held === undefined) return { ok: false, reason: "unknown-request" };
  const verdict = mayDeny(config().policy, keeper.state, held, by, clocks.wallMs());
  if (!verdict.ok) return verdict;
  await keeper.record({ type: "request.denied", request: id, by, reason });
  return ended(context, id);
}

/** The requester thought better of it. */
export async function cancelRequest(
  context: DecisionContext,
  { request: id, by, reason }: RequestWithdrawal,
): Promise<RequestEnded | EndingRefused> {
  const { keeper, clocks } = context;
  const held = keeper.state.requests.get(id);
  if (held === undefined) return { ok: false, reason: "unknown-request" };
  const verdict = mayCancel(keeper.state, held, by, clocks.wallMs());
  if (!verdict.ok) return verdict;
  await keeper.record({
    ...{ type: "request.cancelled", request: id, by },
    ...(reason !== undefined && { reason }),
  });
  return ended(context, id);
}

/** Whether nobody can say yes any more: nobody did in time, or the grant to be extended is over. */
export function overFault(
  { requests, grants }: State,
  id: RequestId,
  nowMs: number,
): "lapsed" | "grant-over" | undefined {
  const held = requests.get(id);
  if (held === undefined || held.outcome !== undefined) return undefined;
  const { lapsesAtMs, extends: extended } = held.request;
  if (nowMs >= lapsesAtMs) return "lapsed";
  const grant = extended && grants.get(extended);
  return grant && isGrantGone(grant, nowMs) ? "grant-over" : undefined;
}

/** Ends a request to which nobody can say yes any more; `hasLapsed` says so by the clock that cannot be set back. */
export async function endIfOver(
  { keeper, clocks }: DecisionContext,
  id: RequestId,
  hasLapsed: boolean,
): Promise<void> {
  const fault = hasLapsed ? "lapsed" : overFault(keeper.state, id, clocks.wallMs());
  if (fault === "lapsed") return keeper.record({ type: "request.lapsed", request: id });
  if (fault === undefined) return;
  await keeper.record({ type: "request.cancelled", request: id, by: BASTION, reason: GRANT_OVER });
}

function ended({ keeper }: DecisionContext, id: RequestId): RequestEnded {
  const request = keeper.state.requests.get(id);
  if (request === undefined) throw new Error(`request ${id} was there and is not`);
  return { ok: true, request };
}
