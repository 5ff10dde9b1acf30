import { mayReview } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { Reviewed, ReviewGiven, ReviewRefused } from "./request-answer.js";

/** Closes the review of a break-glass grant: somebody else has looked at what was done under it. */
export async function reviewGrant(
  { config, keeper, clocks }: DecisionContext,
  { grant, by, comment }: ReviewGiven,
): Promise<Reviewed | ReviewRefused> {
  const held = keeper.state.grants.get(grant);
  if (held === undefined) return { ok: false, reason: "unknown-grant" };
  const verdict = mayReview(config().policy, keeper.state, held, by, clocks.wallMs());
  if (!verdict.ok) return verdict;
  await keeper.record({ type: "grant.reviewed", grant, by, comment });
  return { ok: true };
}
