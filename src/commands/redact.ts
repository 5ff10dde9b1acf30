import { isRedactor, redactorsBut } from "../access/index.js";
import { utcText, bytesText, linesText } from "../wording/index.js";
import { usage } from "./command-error.js";
import { idPrefix, inWords, required, shortReason } from "./argument.js";
import { defineCommand } from "./define.js";
import { blocksText, redactionJson } from "./describe-redaction.js";
import { findAnySession } from "./lookup.js";
import { redactionRefusal } from "./redaction-refusal.js";

/** `12-15`, or one number. */
function blocks(text: string, argument: string): { readonly from: number; readonly to: number } {
  const [, first = "", last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/u.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === "" || from > to) throw usage(argument, "blocks such as 12 or 12-15");
  return { from, to };
}

export const redact = defineCommand({
  examples: [
    'redact ses-0f3k --blocks 12-15 --reason "a password was pasted"',
    "redact ses-0f3k --blocks 12 --reason INC-42",
  ],
  audience: "anyone",
  isOwnWord: true,
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
  },
  options: {
    blocks: required(blocks, {
      placeholder: "12-15",
      summary: "first and last; found by time with: bascule redact FILE --from 1:02 --to 1:05 --key KEY",
    }),
    reason: inWords(
      required(shortReason, { placeholder: "TEXT", summary: "why; it stands in their place for ever" }),
    ),
  },
  async run(context, { session: prefix, blocks: stretch, reason }) {
    const { control, caller, program } = context;
    if (!isRedactor(control.policy, caller.name))
      throw redactionRefusal(context, { ok: false, reason: "not-a-redactor" }, { session: prefix });
    const { session } = findAnySession(context, prefix);
    const asked = await control.recordings.askRedaction({ session, ...stretch, reason, by: caller.name });
    if (!asked.ok) throw redactionRefusal(context, asked, { session });
    const { redaction: held, bytes } = asked;
    const others = redactorsBut(control.policy, caller.name);
    return {
      text: linesText([
        `${held.redaction}: ${blocksText(held)} of ${session} (${bytesText(bytes)}), to be destroyed for ever.`,
        others.length === 0
          ? "Nobody else is a redactor, so nobody can approve it."
          : `${others.join(" or ")} can approve it until ${utcText(held.lapsesAtMs)}: ${program} approve ${held.redaction}`,
      ]),
      json: { ...redactionJson(held, control.nowMs), bytes, approvers: others },
    };
  },
});
