import {
  matchId,
  openOverride,
  OVERRIDE_MS_MAX,
  type OverrideDenial,
  type OverrideId,
} from "../access/index.js";
import { spanText, utcText } from "../wording/index.js";
import { duration, idPrefix, inWords, optional, reason } from "./argument.js";
import { CommandError, usage } from "./command-error.js";
import { defineCommand, type CommandContext, type CommandResult } from "./define.js";

const VERBS = ["approve", "end"] as const;
type Verb = (typeof VERBS)[number];

function verb(text: string, argument: string): Verb {
  const found = VERBS.find((one) => one === text);
  if (found === undefined) throw usage(argument, "approve or end, or nothing to ask");
  return found;
}

const REFUSALS: Readonly<Record<OverrideDenial, string>> = {
  locked: "you are locked",
  "not-an-admin": "this is for two admins with names; the one at the machine itself could be either of them",
  "not-allowed": "the configuration says disk.whenFull: refuse",
  "in-force": "there is one in force",
  "nothing-asked": "nobody asks for it, or not any more",
  "own-wish": "you asked for it, so another admin has to give it",
};

export const diskOverride = defineCommand({
  examples: [
    'disk override --for 30m --reason "outage, room is on its way"',
    "disk override approve ovr-0f3k",
    "disk override end",
  ],
  audience: "admins",
  isOwnWord: true,
  positionals: {
    verb: optional(verb, {
      placeholder: "approve|end",
      summary: "answer the wish of another admin, or end it early",
    }),
    id: optional(idPrefix, { placeholder: "OVR", summary: "ovr-…, the wish that is approved" }),
  },
  options: {
    for: optional(duration, { placeholder: "30m", summary: "how long, from the approval on; 1d at most" }),
    reason: inWords(optional(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  run(context, { verb: what, id, for: forMs, reason: why }) {
    if (what !== undefined && (forMs !== undefined || why !== undefined))
      throw new CommandError("usage", `${what} takes neither --for nor --reason`);
    if (what !== "approve" && id !== undefined) throw new CommandError("usage", "only approve takes an id");
    if (what === "approve") return approve(context, id);
    if (what === "end") return end(context);
    if (forMs === undefined) throw new CommandError("usage", "--for is missing");
    if (why === undefined) throw new CommandError("usage", "--reason is missing");
    if (forMs > OVERRIDE_MS_MAX) throw new CommandError("usage", "--for: expected a day at most");
    return ask(context, forMs, why);
  },
});

async function ask(
  { control, caller, program }: CommandContext,
  forMs: number,
  why: string,
): Promise<CommandResult> {
  const asked = await control.upkeep.overrides.ask(caller.name, forMs, why);
  if (!asked.ok) throw refused(asked.reason, program);
  const { override } = asked;
  const text = `${override.override}: ${spanText(forMs)} of sessions on a full disk wait for another admin: ${program} disk override approve ${override.override}\n`;
  return { text, json: override };
}

async function approve(context: CommandContext, prefix: string | undefined): Promise<CommandResult> {
  const { control, caller, program } = context;
  const given = await control.upkeep.overrides.give(wishOf(context, prefix), caller.name);
  if (!given.ok) throw refused(given.reason, program);
  const { override } = given;
  const until = utcText(override.given?.untilMs ?? control.nowMs);
  return {
    text: `${override.override}: sessions may begin on a full disk until ${until}.\n`,
    json: override,
  };
}

/** The wish that waits, if it is the one that is meant: somebody may have asked for something else since it was read. */
function wishOf({ control, program }: CommandContext, prefix: string | undefined): OverrideId {
  const hint = `see what is asked for: ${program} disk show`;
  if (prefix === undefined) throw new CommandError("usage", "approve what? its ovr-… is missing", hint);
  const wish = openOverride(control.state, control.nowMs);
  const found = matchId<OverrideId>(prefix, wish === undefined ? [] : [wish.override]);
  if (found.kind === "unique") return found.id;
  throw new CommandError("notFound", `nobody asks for ${prefix}, or not any more`, hint);
}

async function end({ control, caller, program }: CommandContext): Promise<CommandResult> {
  if (!(await control.upkeep.overrides.end(caller.name)))
    throw new CommandError("notFound", "there is no override to end", `see: ${program} disk show`);
  return { text: "Sessions begin on a full disk no more; those that run go on.\n", json: { ended: true } };
}

function refused(why: OverrideDenial, program: string): CommandError {
  const code = why === "nothing-asked" ? "notFound" : why === "in-force" ? "failed" : "notPermitted";
  return new CommandError(code, REFUSALS[why], `see how the disk is: ${program} disk show`);
}
