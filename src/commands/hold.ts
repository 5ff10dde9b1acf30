import { inWords, reason, required } from "./argument.js";
import { defineCommand } from "./define.js";
import { holdOptions, holdPositionals, holdSubject, subjectText } from "./hold-subject.js";
import { linesText } from "../wording/index.js";

export const hold = defineCommand({
  examples: [
    'hold ses-0f3k --reason "case 4711"',
    'hold alice --reason "case 4711"',
    'hold --target prod-db-1 --reason "audit of May"',
  ],
  audience: "admins or auditors",
  positionals: holdPositionals,
  options: {
    ...holdOptions,
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run(context, values) {
    const { control, caller, program } = context;
    const held = await control.upkeep.holds.set(holdSubject(context, values), caller.name, values.reason);
    const gone =
      held.session !== undefined && control.state.sessions.get(held.session)?.deleted !== undefined;
    return {
      text: linesText([
        `${held.hold}: ${subjectText(held)} is held. Release it with: ${program} release ${held.hold} --reason "…"`,
        ...(gone ? [`The recording of ${subjectText(held)} was deleted before; only its hash is left.`] : []),
      ]),
      json: held,
    };
  },
});
