import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  mayExtend,
  newId,
  type AccessRequest,
  type ExtendVerdict,
  type Grant,
  type RequestId,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { ExtensionAsk, ExtensionRefused } from "./request-answer.js";
import { LEDGER_DELAY_MS } from "./settle-request.js";

type Allowed = Extract<ExtendVerdict, { ok: true }>;

/**
 * Extends a grant at once where its holder may do it alone, else writes down the request for it, which is yet to be settled.
 * The caller holds the turns of whoever asks and of the grant.
 */
export async function extendGrant(
  context: DecisionContext,
  ask: ExtensionAsk,
): Promise<Grant | RequestId | ExtensionRefused> {
  const { config, keeper, clocks } = context;
  const { policy, requests } = config();
  const held = keeper.state.grants.get(ask.grant);
  if (held === undefined) return { ok: false, reason: "unknown-grant" };
  const nowMs = clocks.wallMs();
  const verdict = mayExtend(policy, keeper.state, held, ask, requests, nowMs);
  if (!verdict.ok) return verdict;
  if (nowMs + LEDGER_DELAY_MS >= held.grant.untilMs) return { ok: false, reason: "grant-ended" };
  return verdict.kind === "self"
    ? await extendAlone(context, ask, verdict)
    : await askForMore(context, ask, held.grant, verdict);
}

async function extendAlone(
  { keeper, live }: DecisionContext,
  { grant, by, reason }: ExtensionAsk,
  { untilMs }: Allowed,
): Promise<Grant> {
  await keeper.record({ type: "grant.extended", grant, untilMs, by, reason });
  live.moveDeadlines(grant);
  const extended = keeper.state.grants.get(grant);
  if (extended === undefined) throw new Error(`grant ${grant} was there and is not`);
  return extended.grant;
}

async function askForMore(
  { config, keeper, clocks }: DecisionContext,
  { by, durationMs, reason }: ExtensionAsk,
  { id: grant, targets, logins, ticket }: Grant,
  { role }: Allowed,
): Promise<RequestId> {
  const request: AccessRequest = {
    id: newId("req", randomBytes(ID_RANDOM_BYTES)),
    ...{ identity: by, targets, logins, durationMs, reason, role: role.name, needs: role.approvals },
    ...{ breakGlass: false, extends: grant, lapsesAtMs: clocks.wallMs() + config().requests.lapseMs },
    ...(ticket !== undefined && { ticket }),
  };
  await keeper.record({ type: "request.made", request });
  return request.id;
}
