import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  mayRequest,
  newId,
  type AccessRequest,
  type RequestAsk,
  type RequestId,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { RequestRefused } from "./request-answer.js";

/** Writes a request down, if policy knows a role that could give it. Whoever calls it sees to it that nobody asks twice at a time. */
export async function makeRequest(
  { config, keeper, clocks }: DecisionContext,
  ask: RequestAsk,
): Promise<RequestId | RequestRefused> {
  const { policy, requests } = config();
  const nowMs = clocks.wallMs();
  const verdict = mayRequest(policy, keeper.state, ask, requests, nowMs);
  if (!verdict.ok) return verdict;
  const { identity, targets, logins, durationMs, fromMs, reason, ticket, breakGlass } = ask;
  const { name: role, approvals: needs } = verdict.role;
  const request: AccessRequest = {
    id: newId("req", randomBytes(ID_RANDOM_BYTES)),
    ...{ identity, targets, logins, durationMs, reason, role, needs, breakGlass },
    lapsesAtMs: nowMs + requests.lapseMs,
    ...(fromMs !== undefined && { fromMs }),
    ...(ticket !== undefined && { ticket }),
  };
  await keeper.record({ type: "request.made", request });
  return request.id;
}
