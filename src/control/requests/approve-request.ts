import { mayApprove, missingApprovals, type RequestState } from "../../access/index.js";
import { verifyEvidence } from "./approval-evidence.js";
import type { DecisionContext } from "../decision-context.js";
import type { ApprovalRefused, Approved, GivenApproval } from "./request-answer.js";
import { LEDGER_DELAY_MS, settleRequest } from "./settle-request.js";

/** Writes one person's yes down, and gives the grant if it was the last that was needed. The caller holds the request's turn. */
export async function approveRequest(
  context: DecisionContext,
  given: GivenApproval,
): Promise<Approved | ApprovalRefused> {
  const { keeper } = context;
  const held = keeper.state.requests.get(given.request);
  if (held === undefined) return { ok: false, reason: "unknown-request" };
  const refused = await recordApproval(context, held, given);
  if (refused !== undefined) return refused;
  const grant = await settleRequest(context, given.request);
  const request = keeper.state.requests.get(given.request) ?? held;
  const missing = missingApprovals(request.request.needs, request.approvals, request.request.identity);
  return { ok: true, request, missing, ...(grant !== undefined && { grant }) };
}

async function recordApproval(
  { config, keeper, clocks }: DecisionContext,
  held: RequestState,
  { by, durationMs, comment, evidence, fingerprint: shown }: GivenApproval,
): Promise<ApprovalRefused | undefined> {
  const { policy } = config();
  const { request } = held;
  const proven = evidence && verifyEvidence(policy, request, by, evidence);
  if (proven?.ok === false) return { ok: false, reason: "evidence-refused", detail: proven.detail };
  const fingerprint = proven?.fingerprint ?? shown;
  const presence = proven?.presence ?? false;
  const more = {
    ...(fingerprint !== undefined && { fingerprint }),
    ...(comment !== undefined && { comment }),
    ...(evidence !== undefined && { evidence }),
  };
  const approver = { name: by, signed: proven !== undefined, presence, ...more };
  const nowMs = clocks.wallMs() + LEDGER_DELAY_MS;
  const verdict = mayApprove(policy, keeper.state, held, approver, durationMs, nowMs);
  if (!verdict.ok) return verdict;
  const { groups } = verdict;
  const length = durationMs === undefined ? {} : { durationMs };
  await keeper.record({
    type: "request.approved",
    request: request.id,
    by,
    groups,
    presence,
    ...more,
    ...length,
  });
  return undefined;
}
