import { formatDuration, spanText, utcText } from "../wording/index.js";
import type { ExtendDenial, GrantState, LockSubject, RequestId } from "../access/index.js";
import type { ExtensionAsk } from "../control/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";
import { lockedRefusal } from "./locked-refusal.js";
import { askLine } from "./request-refusal.js";
import { shellWord } from "./ssh/shell-word.js";

interface Refused {
  readonly reason: ExtendDenial | "unknown-grant";
  readonly detail?: string;
  readonly lock?: LockSubject;
  readonly maxDurationMs?: number;
  readonly request?: RequestId;
}

/** Why a grant cannot last longer, and what could be had. */
export function extensionRefusal(
  { program }: CommandContext,
  { grant }: GrantState,
  { durationMs, reason: why }: ExtensionAsk,
  { reason, detail, lock, maxDurationMs = 0, request }: Refused,
): CommandError {
  const because = detail === undefined ? "" : `: ${detail}`;
  const { targets, logins, identity, role } = grant;
  const anew = `ask anew: ${askLine(program, { identity, targets, logins, durationMs, reason: why, breakGlass: false })}`;
  switch (reason) {
    case "unknown-grant":
      return new CommandError(
        "notFound",
        `there is no grant ${grant.id}`,
        `see them with: ${program} grants`,
      );
    case "locked":
      return lockedRefusal({ ...(lock && { lock }), ...(detail !== undefined && { detail }) });
    case "not-yours":
      return denied(`${grant.id} is ${identity}'s; only they ask for more of it`);
    case "grant-revoked":
      return denied(`${grant.id} was revoked${because}`, anew);
    case "grant-ended":
      return denied(`${grant.id} ended ${utcText(grant.untilMs)}`, anew);
    case "role-withdrawn":
    case "role-narrowed":
      return denied(`role ${role} does not give that any more${because}`, `${program} targets`);
    case "bad-duration":
      return new CommandError("usage", "--for: expected a duration such as 15m");
    case "reason-missing":
      return new CommandError("usage", "--reason is missing");
    case "text-too-long":
      return new CommandError("usage", "--reason: it does not fit into the ledger", "say it in fewer words");
    case "duration-too-long":
      return maxDurationMs < 1000
        ? denied(
            `role ${role} gives no more than ${grant.id} has already`,
            "ask again when less of it is left",
          )
        : denied(
            `role ${role} gives at most ${spanText(maxDurationMs)} more now`,
            `ask for: ${program} extend ${grant.id} --for ${formatDuration(maxDurationMs)} --reason ${shellWord(why)}`,
          );
    case "already-asked":
      return denied(
        `${request ?? "another request"} asks for more of ${grant.id} and still waits`,
        request === undefined ? undefined : `see it: ${program} show ${request}`,
      );
    case "too-many-open":
      return denied("too many of your requests wait already", `see them: ${program} requests`);
    case "too-many-lately":
      return denied("you have asked too often in the last hour", "try again later");
    case "nobody-can-approve":
      return denied(
        `role ${role} wants more approvals than there are people besides you who could give them`,
      );
  }
}

function denied(message: string, hint?: string): CommandError {
  return new CommandError("denied", message, hint);
}
