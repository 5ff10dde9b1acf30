import { randomBytes } from "node:crypto";
import {
  approvedMs,
  BASTION,
  extendedUntil,
  GRANT_NAMES_MAX,
  ID_RANDOM_BYTES,
  missingApprovals,
  newId,
  seatedApprovers,
  stillGiven,
  type Grant,
  type GrantId,
  type GrantOrigin,
  type RequestId,
  type RequestState,
  type Role,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";

/**
 * What is checked by the clock is written down this much before the moment at least: the ledger's own look at the clock comes a
 * little later, and by that the event is judged.
 */
export const LEDGER_DELAY_MS = 1000;
/** Why a request for more time is taken back that comes too late. */
export const GRANT_OVER = "the grant to be extended is over";

/**
 * Gives what was asked for, if all who must have said yes and policy still gives it; takes the request back if policy does not.
 * Nothing happens to a request that still waits or has ended. The caller holds the request's turn.
 */
export async function settleRequest(context: DecisionContext, id: RequestId): Promise<Grant | undefined> {
  const held = context.keeper.state.requests.get(id);
  if (held === undefined || held.outcome !== undefined || !isAnswered(held)) return undefined;
  const { extends: grant } = held.request;
  if (grant === undefined) return issueAnswer(context, held);
  return context.grantTurns.take(grant, () => extendAnswer(context, held, grant));
}

function isAnswered({ request, approvals }: RequestState): boolean {
  return request.breakGlass || missingApprovals(request.needs, approvals, request.identity).length === 0;
}

async function issueAnswer(context: DecisionContext, held: RequestState): Promise<Grant | undefined> {
  const { keeper, clocks, config } = context;
  const nowMs = clocks.wallMs();
  const given = stillGiven(config().policy, keeper.state, held, nowMs);
  if (!given.ok) return takeBack(context, held, given.detail);
  const grant = grantFor(held, given.role, nowMs);
  await keeper.record({ type: "grant.issued", grant, by: answeredBy(held), request: held.request.id });
  return grant;
}

/** The caller holds the grant's turn. */
async function extendAnswer(
  context: DecisionContext,
  held: RequestState,
  id: GrantId,
): Promise<Grant | undefined> {
  const { keeper, clocks, config, live } = context;
  const nowMs = clocks.wallMs();
  const given = stillGiven(config().policy, keeper.state, held, nowMs);
  if (!given.ok) return takeBack(context, held, given.detail);
  const before = keeper.state.grants.get(id)?.grant;
  if (before === undefined || nowMs + LEDGER_DELAY_MS >= before.untilMs)
    return takeBack(context, held, GRANT_OVER);
  const { id: request, reason } = held.request;
  const untilMs = extendedUntil(before.untilMs, approvedMs(held));
  await keeper.record({ type: "grant.extended", grant: id, untilMs, by: answeredBy(held), reason, request });
  live.moveDeadlines(id);
  return keeper.state.grants.get(id)?.grant;
}

/** Nobody is left waiting for what can no longer be given. */
async function takeBack(
  { keeper }: DecisionContext,
  { request }: RequestState,
  reason: string,
): Promise<undefined> {
  await keeper.record({ type: "request.cancelled", request: request.id, by: BASTION, reason });
}

/** Who gave the last word: nobody but the bastion when nobody is asked, the requester themselves in an emergency. */
function answeredBy({ request, approvals }: RequestState): string {
  return request.breakGlass ? request.identity : (approvals.at(-1)?.by ?? BASTION);
}

/** Its clock starts when it can be used: now, or at the later beginning that was asked for. It ends at a whole second, as certificates do. */
function grantFor(held: RequestState, role: Role, nowMs: number): Grant {
  const { identity, targets, logins, reason, ticket, needs, fromMs: notBeforeMs = 0 } = held.request;
  const fromMs = Math.max(nowMs, notBeforeMs);
  const seated = seatedApprovers(needs, held.approvals, identity);
  const inOrder = held.approvals.map(({ by }) => by).filter((name) => seated.includes(name));
  const approvers = inOrder.slice(0, GRANT_NAMES_MAX);
  return {
    id: newId("grt", randomBytes(ID_RANDOM_BYTES)),
    ...{ identity, targets, logins, reason, role: role.name, how: originOf(held), approvers },
    ...{ channels: role.channels, fromMs, untilMs: Math.ceil((fromMs + approvedMs(held)) / 1000) * 1000 },
    ...(ticket !== undefined && { ticket }),
    ...(role.sourceAddresses && { sourceAddresses: role.sourceAddresses }),
  };
}

function originOf({ request }: RequestState): GrantOrigin {
  if (request.breakGlass) return "break-glass";
  return request.needs.kind === "automatic" ? "automatic" : "approved";
}
