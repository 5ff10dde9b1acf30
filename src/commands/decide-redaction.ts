import { matchId, type RedactionId, type RedactionState } from "../access/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext, CommandResult } from "./define.js";
import { blocksText, redactionJson } from "./describe-redaction.js";
import { redactionRefusal } from "./redaction-refusal.js";
import { checkOwnWord } from "./own-word.js";
import { maySeeRedaction } from "./redactions.js";
import { linesText } from "../wording/index.js";

/** Whether what is to be decided on is a redaction, and no request for access. */
export function isRedactionId(prefix: string): boolean {
  return prefix.startsWith("red-");
}

/** The second person's yes: when it is answered, the blocks are gone. */
export async function approveRedaction(context: CommandContext, prefix: string): Promise<CommandResult> {
  const { control, caller, program } = context;
  checkOwnWord(context); // requests look at the key themselves
  const held = findRedaction(context, prefix);
  const given = await control.recordings.approveRedaction({ redaction: held.redaction, by: caller.name });
  if (!given.ok) throw redactionRefusal(context, given, { session: held.session, held });
  const { redaction, unfinished } = given;
  const what = `${blocksText(redaction)} of ${redaction.session}`;
  const isOne = redaction.from === redaction.to;
  const end =
    unfinished === undefined
      ? `${what} ${isOne ? "is" : "are"} destroyed. Copies made before still hold them: an archive, a backup, an export.`
      : `${what} ${isOne ? "is" : "are"} NOT gone yet: ${unfinished}. It is tried again every minute and at every start; see: ${program} doctor`;
  return {
    text: linesText([`${caller.name} approved ${redaction.redaction}: ${redaction.reason}`, end]),
    json: { ...redactionJson(redaction, control.nowMs), ...(unfinished !== undefined && { unfinished }) },
    exit: unfinished === undefined ? 0 : 75,
  };
}

export async function denyRedaction(
  context: CommandContext,
  prefix: string,
  reason: string,
): Promise<CommandResult> {
  const { control, caller } = context;
  const held = findRedaction(context, prefix);
  const ended = await control.recordings.denyRedaction({
    redaction: held.redaction,
    by: caller.name,
    reason,
  });
  if (!ended.ok) throw redactionRefusal(context, ended, { session: held.session, held });
  return {
    text: `${held.redaction} is denied: ${blocksText(held)} of ${held.session} stay\n`,
    json: redactionJson(ended.redaction, control.nowMs),
  };
}

/** Throws CommandError `notFound`, or `usage` when it could be several. */
function findRedaction(context: CommandContext, prefix: string): RedactionState {
  const { redactions } = context.control.state;
  const seen = [...redactions.values()].filter((held) => maySeeRedaction(context, held));
  const match = matchId<RedactionId>(
    prefix,
    seen.map(({ redaction }) => redaction),
  );
  if (match.kind === "several")
    throw new CommandError(
      "usage",
      `${prefix} could be ${match.candidates.join(", ")}`,
      "give more of the id",
    );
  const found = match.kind === "unique" ? redactions.get(match.id) : undefined;
  if (found === undefined)
    throw new CommandError(
      "notFound",
      `there is no redaction ${prefix}`,
      `see them with: ${context.program} redactions`,
    );
  return found;
}
