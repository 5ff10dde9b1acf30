import type { RewrapRefused } from "../control/index.js";
import { idPrefix, optionalList, required, requiredFile } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { findSession } from "./lookup.js";
import { auditorKey, keysRefusal, statement } from "./rewrap-arguments.js";
import { linesText } from "../wording/index.js";

export const rewrap = defineCommand({
  examples: [
    "rewrap ses-0f3k - < statement",
    "rewrap ses-0f3k --to bascule-auditor:q83v… - < statement",
    "rewrap ses-0f3k --remove bascule-auditor:q83v… - < statement",
  ],
  audience: "auditors",
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
    statement: requiredFile(statement, {
      placeholder: "FILE",
      summary: "made with: bascule rewrap FILE.bsr --to AUDITOR --key KEY; over ssh it comes on stdin",
    }),
  },
  options: {
    to: optionalList(auditorKey, {
      placeholder: "KEY",
      summary: "an auditor who is not in the configuration, and is meant",
    }),
    remove: optionalList(auditorKey, { placeholder: "KEY", summary: "an auditor who is to be left out" }),
  },
  async run(context, { session: prefix, statement: made, to, remove }) {
    const { control, caller } = context;
    const { session } = findSession(context, prefix);
    const ask = { session, by: caller.name, statement: made, named: to, removed: remove };
    const done = await control.recordings.rewrap(ask);
    if (!done.ok) throw rewrapRefusal(context, session, done);
    const { added, removed, recipients, unfinished } = done;
    const changes = [
      ...(added.length > 0 ? [`sealed to ${added.join(", ")} as well`] : []),
      ...(removed.length > 0
        ? [`no longer sealed to ${removed.join(", ")}, whose copies stay open to them`]
        : []),
    ];
    return {
      text: linesText([
        `${session} is ${changes.join("; ")}.`,
        ...(unfinished === undefined
          ? []
          : [`The file is NOT changed yet: ${unfinished}. It is tried again.`]),
      ]),
      json: { session, added, removed, recipients, ...(unfinished !== undefined && { unfinished }) },
      exit: unfinished === undefined ? 0 : 75,
    };
  },
});

function rewrapRefusal(context: CommandContext, session: string, refused: RewrapRefused): CommandError {
  const denied = (message: string, hint?: string) => new CommandError("denied", message, hint);
  switch (refused.reason) {
    case "unknown-recipient":
      return denied(
        `the configuration knows no auditor with the key ${refused.recipient}`,
        `if they are meant, say so: --to ${refused.recipient}`,
      );
    case "not-to-unseal":
      return denied(
        `what was typed unseen is not for ${refused.recipient} by the configuration`,
        "for one session, who has the key for that lets them see it: bascule unseal",
      );
    case "unasked-removal":
      return denied(
        `the statement leaves out ${refused.recipient}, who can open the recording now`,
        `if that is meant, say so: --remove ${refused.recipient}`,
      );
    case "still-configured":
      return denied(
        `recordings are sealed to ${refused.name}: that is for the configuration to change first`,
        `an admin takes ${refused.name} out of recording.sealTo, and has it read again`,
      );
    default:
      return keysRefusal(context, session, refused);
  }
}
