import { mayCancel, mayDeny, type RequestId } from "../access/index.js";
import type { DecisionContext } from "./decision-context.js";
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

/** Nobody decided in time. */
export async function lapseRequest({ keeper, clocks }: DecisionContext, id: RequestId): Promise<void> {
  const held = keeper.state.requests.get(id);
  if (held === undefined || held.outcome !== undefined || clocks.wallMs() < held.request.lapsesAtMs) return;
  await keeper.record({ type: "request.lapsed", request: id });
}

function ended({ keeper }: DecisionContext, id: RequestId): RequestEnded {
  const request = keeper.state.requests.get(id);
  if (request === undefined) throw new Error(`request ${id} was there and is not`);
  return { ok: true, request };
}
