import { isRedactor, type RedactionState } from "../access/index.js";
import { spanText, utcText, listText } from "../wording/index.js";
import { flag } from "./argument.js";
import { defineCommand, type CommandContext } from "./define.js";
import { blocksText, redactionJson, redactionStatus } from "./describe-redaction.js";
import { maySee } from "./lookup.js";

export const redactions = defineCommand({
  examples: ["redactions", "redactions --waiting", "redactions --json"],
  audience: "anyone",
  positionals: {},
  options: { waiting: flag("only those that wait for somebody") },
  run(context, { waiting }) {
    const { control } = context;
    const { nowMs, state } = control;
    const seen = [...state.redactions.values()].filter((held) => maySeeRedaction(context, held));
    const shown = waiting ? seen.filter((held) => redactionStatus(held, nowMs) === "waits") : seen;
    const rows = shown.map((held) => [
      held.redaction,
      held.session,
      blocksText(held),
      `${held.by}, ${utcText(held.askedAtMs)}`,
      statusOf(held, nowMs),
      held.reason,
    ]);
    const headings = ["REDACTION", "SESSION", "BLOCKS", "ASKED", "STATUS", "REASON"];
    return {
      text: listText(headings, rows, waiting ? "No redaction waits." : "No redactions."),
      json: shown.map((held) => redactionJson(held, nowMs)),
    };
  },
});

function statusOf(held: RedactionState, nowMs: number): string {
  const status = redactionStatus(held, nowMs);
  return status === "waits" ? `waits, lapses in ${spanText(held.lapsesAtMs - nowMs)}` : status;
}

/** A redaction is its asker's, the redactors', and the admins' and auditors'. */
export function maySeeRedaction({ control, caller }: CommandContext, { by }: RedactionState): boolean {
  return maySee(caller, by) || isRedactor(control.policy, caller.name);
}
