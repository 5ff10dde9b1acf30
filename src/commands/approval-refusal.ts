import { formatDuration } from "../wording/index.js";
import type { ApprovalDenial, EndingDenial, LockSubject, RequestState } from "../access/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";
import { lockedRefusal } from "./locked-refusal.js";
import { missing, requestStatus, signingLine, wantedText } from "./describe-request.js";

interface Refused<Reason extends string> {
  readonly reason: Reason | "unknown-request";
  readonly detail?: string;
  readonly lock?: LockSubject;
}

/** Why somebody's yes does not count, and what would. */
export function approvalRefusal(
  { control, program }: CommandContext,
  held: RequestState,
  { reason, detail, lock }: Refused<ApprovalDenial | "evidence-refused">,
): CommandError {
  const { request } = held;
  const because = detail === undefined ? "" : `: ${detail}`;
  const sign = `paste this line instead: ${signingLine(request, control.config.name)}`;
  switch (reason) {
    case "unknown-request":
      return unknownRequest(request.id, program);
    case "own-request":
      return denied(`${request.id} is your own; nobody approves their own`, whoElse(held));
    case "approved-before":
      return denied(
        `you have approved ${request.id} before; it wants others`,
        `it waits for ${wantedText(request.needs, missing(held))}`,
      );
    case "not-open":
    case "lapsed":
      return denied(`${request.id} is not open any more: ${requestStatus(held, control.nowMs)}`);
    case "locked":
      return lockedRefusal({ ...(lock && { lock }), ...(detail !== undefined && { detail }) });
    case "not-an-approver":
      return denied(`you are not one of those who approve ${request.id}`, whoElse(held));
    case "signature-required":
      return denied(`role ${request.role} wants approvals that are signed`, sign);
    case "presence-required":
      return denied(
        `role ${request.role} wants approvals signed by a hardware key that is touched`,
        `with such a key, ${sign}`,
      );
    case "longer-than-asked":
      return new CommandError(
        "usage",
        `--for: ${request.identity} asked for no more than ${formatDuration(request.durationMs)}`,
        `${program} approve ${request.id} --for ${formatDuration(request.durationMs)}`,
      );
    case "bad-duration":
      return new CommandError("usage", "--for: expected a duration such as 15m");
    case "text-too-long":
      return new CommandError("usage", "--comment: it does not fit into the ledger", "say it in fewer words");
    case "key-revoked":
      return denied(`the key that you logged in with was revoked${because}`, "use another key");
    case "foreign-key":
      return denied(
        "the key that you logged in with is not one of yours in the policy",
        "use a registered key",
      );
    case "grant-over":
      return denied(
        `the grant that ${request.id} would extend is over${because}`,
        `${request.identity} can ask anew`,
      );
    case "role-withdrawn":
    case "role-narrowed":
      return denied(
        `role ${request.role} does not give that any more${because}`,
        `${request.identity} can ask anew`,
      );
    case "evidence-refused":
      return denied(`that signature is not one of this request${because}`, sign);
  }
}

/** Why a no, or a withdrawal, does not count. */
export function endingRefusal(
  { control, program }: CommandContext,
  held: RequestState,
  { reason, detail, lock }: Refused<EndingDenial>,
): CommandError {
  const { request } = held;
  switch (reason) {
    case "unknown-request":
      return unknownRequest(request.id, program);
    case "not-open":
    case "lapsed":
      return denied(`${request.id} is not open any more: ${requestStatus(held, control.nowMs)}`);
    case "own-request":
      return denied(`${request.id} is your own`, `${program} cancel ${request.id}`);
    case "not-an-approver":
      return denied(`you are not one of those who decide about ${request.id}`, whoElse(held));
    case "not-yours":
      return denied(
        `${request.id} is ${request.identity}'s; only they cancel it`,
        `${program} deny ${request.id} --reason "why"`,
      );
    case "locked":
      return lockedRefusal({ ...(lock && { lock }), ...(detail !== undefined && { detail }) });
  }
}

function whoElse({ request: { needs } }: RequestState): string {
  return needs.kind === "automatic" ? "it needs nobody's" : `it takes ${wantedText(needs, needs.quorums)}`;
}

function denied(message: string, hint?: string): CommandError {
  return new CommandError("denied", message, hint);
}

function unknownRequest(id: string, program: string): CommandError {
  return new CommandError("notFound", `there is no request ${id}`, `see them: ${program} requests`);
}
