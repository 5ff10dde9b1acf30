import { isUnsealer } from "../access/index.js";
import type { UnsealRefused } from "../control/index.js";
import { idPrefix, inWords, name, required, requiredFile, shortReason } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { lockedRefusal } from "./locked-refusal.js";
import { findAnySession } from "./lookup.js";
import { auditorKey, keysRefusal, statement } from "./rewrap-arguments.js";
import { linesText } from "../wording/index.js";

export const unseal = defineCommand({
  examples: [
    'unseal ses-0f3k --for bob --to bascule-auditor:q83v… --reason "INC-42: which password leaked" - < statement',
  ],
  audience: "anyone",
  isOwnWord: true,
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
    statement: requiredFile(statement, {
      placeholder: "FILE",
      summary: "made with: bascule unseal FILE.bsr --to KEY --key APARTKEY; over ssh it comes on stdin",
    }),
  },
  options: {
    for: required(name, { placeholder: "NAME", summary: "the auditor, who is somebody else than you" }),
    to: required(auditorKey, { placeholder: "KEY", summary: "the auditor's public key" }),
    reason: inWords(required(shortReason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run(context, { session: prefix, statement: made, for: auditor, to: recipient, reason }) {
    const { control, caller } = context;
    if (!isUnsealer(control.policy, caller.name)) throw notAnUnsealer(context);
    const { session } = findAnySession(context, prefix);
    const ask = { session, by: caller.name, for: auditor, recipient, reason, statement: made };
    const done = await control.recordings.unseal(ask);
    if (!done.ok) throw unsealRefusal(context, { session, auditor, recipient }, done);
    const { unfinished } = done;
    return {
      text: linesText([
        `${auditor} may see what was typed on the terminals of ${session}: ${reason}`,
        unfinished === undefined
          ? `From now on their key opens it: bascule replay ${session}.bsr --keys --key THEIRS --apart-key THEIRS`
          : `The file is NOT changed yet: ${unfinished}. It is tried again.`,
      ]),
      json: { session, by: caller.name, for: auditor, recipient, reason, ...(unfinished && { unfinished }) },
      exit: unfinished === undefined ? 0 : 75,
    };
  },
});

interface About {
  readonly session: string;
  readonly auditor: string;
  readonly recipient: string;
}

function unsealRefusal(
  context: CommandContext,
  { session, auditor, recipient }: About,
  refused: UnsealRefused,
): CommandError {
  const denied = (message: string, hint?: string) => new CommandError("denied", message, hint);
  switch (refused.reason) {
    case "locked":
      return lockedRefusal(refused);
    case "not-an-unsealer":
      return notAnUnsealer(context);
    case "own-unsealing":
      return denied("nobody unseals for themselves; it takes two people", "another unsealer does it for you");
    case "not-an-auditor":
      return denied(`${auditor} is no auditor here, and so has nothing to read`);
    case "another-key":
      return denied(
        `the key of ${refused.name} in the configuration is another one`,
        "take the one in recording.sealTo, or have an admin change it there",
      );
    case "key-of-another":
      return denied(`that is the key of ${refused.name}, not of ${auditor}, by the configuration`);
    case "not-a-reader":
      return denied(
        `the recording of ${session} is not sealed to ${recipient}`,
        "an auditor lets them read the rest of it first: bascule rewrap",
      );
    case "not-an-unsealing":
      return denied(
        `the statement does not add the second key of ${recipient}, and that alone`,
        `make it with: bascule unseal ${session}.bsr --to ${recipient} --key APARTKEY`,
      );
    default:
      return keysRefusal(context, session, refused);
  }
}

function notAnUnsealer({ control, caller }: CommandContext): CommandError {
  const groups = control.policy.unsealers.join(", ");
  if (groups === "")
    return new CommandError(
      "notPermitted",
      "nobody may unseal here: the configuration names no group under unsealers",
      "an admin adds it: unsealers: [GROUP]",
    );
  const hint = caller.via === "local" ? `as yourself: ssh ${control.config.name} unseal …` : undefined;
  return new CommandError("notPermitted", `only members of ${groups} unseal, for somebody else`, hint);
}
