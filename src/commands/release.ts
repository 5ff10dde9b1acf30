import { holdsOn, matchId, type HoldId, type HoldState, type LiftDenial } from "../access/index.js";
import { idPrefix, inWords, reason, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { subjectText } from "./hold-subject.js";

const REFUSALS: Readonly<Record<LiftDenial, string>> = {
  locked: "you are locked",
  "lifted-before": "it was released before",
  "own-sessions": "it is on your own sessions, so somebody else has to release it",
  "not-permitted": "an auditor releases any hold, an admin only one that they set themselves",
};

export const release = defineCommand({
  examples: ['release hld-0f3k --reason "case closed"'],
  audience: "admins or auditors",
  isOwnWord: true,
  positionals: {
    hold: required(idPrefix, { placeholder: "HLD", summary: "hld-…, or what begins it" }),
  },
  options: {
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run(context, values) {
    const { control, caller, program } = context;
    const id = findHold(context, values.hold);
    const lifted = await control.upkeep.holds.lift(id, caller.name, values.reason);
    if ("hold" in lifted) {
      const others = othersOn(context, lifted);
      const still = others.length === 0 ? "" : ` It is still held by ${others.join(", ")}.`;
      return { text: `${id}: ${subjectText(lifted)} is released.${still}\n`, json: lifted };
    }
    const message = `${id} cannot be released: ${REFUSALS[lifted.reason]}`;
    const code = lifted.reason === "lifted-before" ? "failed" : "notPermitted";
    throw new CommandError(code, message, `see it with: ${program} holds --all`);
  },
});

/** Holds that keep one session all the same. */
function othersOn({ control: { state } }: CommandContext, { session }: HoldState): readonly HoldId[] {
  const held = session && state.sessions.get(session);
  return held === undefined ? [] : holdsOn(state, held).map(({ hold }) => hold);
}

function findHold({ control, program }: CommandContext, prefix: string): HoldId {
  const found = matchId<HoldId>(prefix, control.state.holds.keys());
  if (found.kind === "unique") return found.id;
  if (found.kind === "several")
    throw new CommandError(
      "usage",
      `${prefix} could be ${found.candidates.join(", ")}`,
      "give more of the id",
    );
  throw new CommandError("notFound", `there is no hold ${prefix}`, `see them with: ${program} holds --all`);
}
