import { parseApprovalUser, type ApprovalEvidence, type RequestId } from "../access/index.js";
import type { Approved } from "../control/index.js";
import { approvalRefusal } from "./approval-refusal.js";
import { duration, idPrefix, inWords, optional, required, shortReason } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { grantLine } from "./describe.js";
import { requestJson, requestStatus, wantedText, whoseWishText } from "./describe-request.js";
import { approveRedaction, isRedactionId } from "./decide-redaction.js";
import { findRequest } from "./lookup.js";
import { linesText } from "../wording/index.js";

export const approve = defineCommand({
  examples: [
    "approve req-7k2m",
    'approve req-7k2m --for 15m --comment "read only, please"',
    "approve red-5x0q",
  ],
  audience: "anyone",
  positionals: {
    request: required(idPrefix, { placeholder: "REQ", summary: "req-… or red-…, or what begins it" }),
  },
  options: {
    for: optional(duration, { placeholder: "15m", summary: "for that long only" }),
    comment: inWords(
      optional(shortReason, { placeholder: "TEXT", summary: "a word about it; the ledger keeps it" }),
    ),
  },
  async run(context, { request: prefix, for: durationMs, comment }) {
    const { control, caller } = context;
    if (isRedactionId(prefix)) {
      if (durationMs !== undefined || comment !== undefined)
        throw new CommandError("usage", "a redaction is approved as it is, without --for and --comment");
      return approveRedaction(context, prefix);
    }
    const held = findRequest(context, prefix);
    const { id } = held.request;
    const evidence = evidenceFor(context, id);
    const given = await control.requests.approve({
      ...{ request: id, by: caller.name },
      ...(caller.fingerprint !== undefined && { fingerprint: caller.fingerprint }),
      ...(durationMs !== undefined && { durationMs }),
      ...(comment !== undefined && { comment }),
      ...(evidence !== undefined && { evidence }),
    });
    if (!given.ok) throw approvalRefusal(context, held, given);
    return {
      text: linesText(approvedLines(context, given, evidence !== undefined)),
      json: answerJson(context, given),
    };
  },
});

/** The login that the caller came by, where it was one for this very request. */
function evidenceFor({ login }: CommandContext, id: RequestId): ApprovalEvidence | undefined {
  if (login === undefined || parseApprovalUser(login.proof.user)?.request !== id) return undefined;
  const { sessionId, user, algorithm, key, signature } = login.proof;
  return { sessionId, user, algorithm, key, signature };
}

function approvedLines(
  { control, caller }: CommandContext,
  { request: held, missing, grant }: Approved,
  isSigned: boolean,
): readonly string[] {
  const { request, outcome } = held;
  return [
    `${caller.name} approved ${request.id}${isSigned ? ", signed" : ""}: ${whoseWishText(request)}`,
    `Reason: ${request.reason === "" ? "none given" : request.reason}`,
    grant !== undefined
      ? grantLine(grant, control.nowMs)
      : outcome === undefined
        ? `It still waits for ${wantedText(request.needs, missing)}.`
        : `Yet nothing was granted: ${requestStatus(held, control.nowMs)}`,
  ];
}

function answerJson({ control }: CommandContext, { request, grant }: Approved): object {
  return { ...requestJson(request, control.nowMs), ...(grant && { grant }) };
}
