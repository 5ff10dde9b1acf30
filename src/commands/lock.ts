import { lockKey } from "../access/index.js";
import { inWords, reason, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { lockSubject, subjectOptions, subjectPositionals } from "./lock-subject.js";

export const lock = defineCommand({
  examples: [
    'lock alice --reason "laptop stolen"',
    'lock --target prod-db-1 --reason "forensics"',
    'lock --serial 4711 --reason "copied"',
  ],
  audience: "admins",
  positionals: subjectPositionals,
  options: {
    ...subjectOptions,
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; whom it concerns reads it" })),
  },
  async run(context, values) {
    const { control, caller } = context;
    const subject = lockSubject(context, "lock", values);
    const key = lockKey(subject);
    const before = control.state.locks.get(key);
    if (before !== undefined)
      throw new CommandError("failed", `${key} is locked already, by ${before.by}: ${before.reason}`);
    const cut = await control.cuts.lock(subject, caller.name, values.reason);
    const sessions = cut.length === 0 ? "No live session was open." : `Cut: ${cut.join(", ")}.`;
    return { text: `${key} is locked. ${sessions}\n`, json: { ...subject, locked: true, cut } };
  },
});
