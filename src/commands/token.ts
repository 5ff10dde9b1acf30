import { nearest, spanText, utcText } from "../wording/index.js";
import type { TokenRefused } from "../control/index.js";
import { commandName, commaList, duration, list, optional } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandBody } from "./define.js";

/** The command; `names` are those of all commands, which it may be for. */
export function tokenCommand(names: () => readonly string[]): CommandBody {
  return defineCommand({
    examples: ["token", "token --for 15m --only request,cert"],
    audience: "anyone",
    positionals: {},
    options: {
      for: optional(duration, { placeholder: "15m", summary: "how long; an hour at most" }),
      only: commaList({
        ...list(commandName, { placeholder: "COMMAND,…", summary: "for these commands only" }),
        required: false,
      }),
    },
    async run({ control, caller, program }, { for: lifeMs, only }) {
      checkNames(only, names());
      const made = await control.tokens.issue({
        identity: caller.name,
        ...(caller.fingerprint !== undefined && { fingerprint: caller.fingerprint }),
        ...(only.length > 0 && { commands: only }),
        ...(lifeMs !== undefined && { lifeMs }),
      });
      if (!made.ok) throw refusal(made, program);
      const { bearer, token: id, untilMs } = made;
      const left = `until ${utcText(untilMs)} (${spanText(untilMs - control.nowMs)})`;
      return {
        text: `${bearer}\n`,
        json: {
          bearer,
          token: id,
          identity: made.identity,
          untilMs,
          ...(only.length > 0 && { commands: only }),
        },
        notes: [`a secret, good ${left}${only.length > 0 ? `, for ${only.join(", ")} only` : ""}`],
      };
    },
  });
}

function checkNames(only: readonly string[], names: readonly string[]): void {
  const unknown = only.find((one) => !names.includes(one));
  if (unknown === undefined) return;
  const meant = nearest(unknown, names);
  throw new CommandError(
    "usage",
    `--only: there is no command ${unknown}`,
    meant === undefined ? undefined : `did you mean ${meant}?`,
  );
}

function refusal({ reason, detail }: TokenRefused, program: string): CommandError {
  if (reason === "too-long")
    return new CommandError("usage", `--for: ${detail}`, `${program} token --for 1h`);
  return new CommandError("denied", `no token: ${detail === "" ? reason : detail}`);
}
