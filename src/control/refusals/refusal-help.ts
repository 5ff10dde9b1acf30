import { approversOf, type RequestState } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { heldGrant } from "../grants/live-grants.js";
import type { Denied } from "./refusal.js";

/**
 * Adds to a refusal what the person has already for the place in question: a live grant, so that they want another certificate
 * only, or a request that waits. Nothing for whom nothing is told.
 */
export function withHelp({ keeper, clocks, config }: DecisionContext, denied: Denied): Denied {
  const { isKnown, identity, target, login } = denied;
  if (!isKnown || identity === undefined || target === undefined) return denied;
  const held = login && heldGrant(keeper.state, identity, { target, login }, clocks.wallMs());
  if (held) return { ...denied, heldGrant: held };
  for (const id of keeper.state.openRequests) {
    const waiting = keeper.state.requests.get(id);
    if (waiting === undefined || !isFor(waiting, identity, target)) continue;
    const approvers = approversOf(config().policy, waiting.request, identity);
    return { ...denied, waiting: { request: id, approvers } };
  }
  return denied;
}

/** Whichever login: at the first hop nobody has said yet which it will be. */
function isFor({ request }: RequestState, identity: string, target: string): boolean {
  return request.identity === identity && request.extends === undefined && request.targets.includes(target);
}
