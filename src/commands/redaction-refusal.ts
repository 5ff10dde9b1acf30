import type { RedactionState } from "../access/index.js";
import type { RedactionApprovalRefused, RedactionEndingRefused, RedactionRefused } from "../control/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";
import { lockedRefusal } from "./locked-refusal.js";

/** Why blocks of a recording cannot be redacted, or a redaction not be decided on. */
export function redactionRefusal(
  context: CommandContext,
  refused: RedactionRefused | RedactionApprovalRefused | RedactionEndingRefused,
  { session, held }: { readonly session: string; readonly held?: RedactionState },
): CommandError {
  const denied = (message: string, hint?: string) => new CommandError("denied", message, hint);
  const { program } = context;
  switch (refused.reason) {
    case "locked":
      return lockedRefusal(refused);
    case "not-a-redactor":
      return notARedactor(context);
    case "session-live":
      return denied(`${session} is live: its recording is still being written`, "ask again when it is over");
    case "deleted":
      return denied(`the recording of ${session} was deleted; nothing of it is left to redact`);
    case "held":
      return denied(
        `${session} is under the legal hold ${refused.hold.hold} (${refused.hold.reason}): nothing of it may go`,
        `see it with: ${program} holds`,
      );
    case "header-or-keys":
      return denied(
        "the header and the keys (blocks 0 and 1) cannot be redacted: nothing that crossed is in them, and the proof begins there",
        "redact from block 2 on; who can open a recording is changed with: bascule rewrap",
      );
    case "end-block":
      return denied(
        `block ${refused.block} holds the recording's end and nothing that crossed; it cannot be redacted`,
        `redact up to block ${refused.block - 1}`,
      );
    case "no-such-block":
      return new CommandError("notFound", `the last whole block of ${session} is ${refused.last}`);
    case "redacted-before":
      return denied(`block ${refused.block} is gone already`, `see: ${program} redactions`);
    case "overlaps":
      return overlaps(context, refused.redaction);
    case "too-many-open":
      return denied("too many of your redactions wait", `have some decided on: ${program} redactions`);
    case "own-redaction":
      return denied(
        `${held?.redaction ?? "it"} is your own; a redaction takes two people`,
        "another redactor approves it",
      );
    case "not-open":
      return denied(`${held?.redaction ?? "it"} was decided on before`, `see: ${program} redactions`);
    case "lapsed":
      return denied(
        `${held?.redaction ?? "it"} has lapsed: nobody decided in time`,
        "it can be asked for again",
      );
    case "recording-damaged":
      return new CommandError(
        "failed",
        `the recording of ${session} is not whole, so nothing is built on it: ${refused.detail}`,
        `see what is wrong with: ${program} verify`,
      );
  }
}

function overlaps({ program }: CommandContext, other: RedactionState): CommandError {
  const state = other.outcome === undefined ? "waits to take" : "has taken";
  return new CommandError(
    "denied",
    `${other.redaction} ${state} blocks ${other.from} to ${other.to}`,
    `see: ${program} redactions`,
  );
}

function notARedactor({ control, caller, program }: CommandContext): CommandError {
  if (control.policy.redactors.length === 0)
    return new CommandError(
      "notPermitted",
      "nobody may redact here: the configuration names no group under redactors",
      "an admin adds it: redactors: [GROUP]",
    );
  const groups = control.policy.redactors.join(", ");
  const hint =
    caller.via === "local"
      ? `the admin at the machine is nobody in particular; as yourself: ssh ${control.config.name} …`
      : `see who you are with: ${program} whoami`;
  return new CommandError("notPermitted", `only members of ${groups} redact, two of them together`, hint);
}
