import { idPrefix, inWords, reason, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { sessionStatus } from "./describe.js";
import { findSession } from "./lookup.js";

export const kill = defineCommand({
  examples: ['kill ses-0f3k --reason "wrong host"'],
  audience: "admins",
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
  },
  options: { reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; the user reads it" })) },
  async run(context, values) {
    const { control, caller } = context;
    const found = findSession(context, values.session);
    if (!control.state.liveSessions.has(found.session))
      throw new CommandError("failed", `${found.session} is not live: ${sessionStatus(found)}`);
    await control.cuts.killSession(found.session, caller.name, values.reason);
    return { text: `${found.session} is cut.\n`, json: { session: found.session, cut: true } };
  },
});
