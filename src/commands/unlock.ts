import { lockKey } from "../access/index.js";
import { inWords, optional, reason } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { lockSubject, subjectOptions, subjectPositionals } from "./lock-subject.js";

export const unlock = defineCommand({
  examples: ['unlock alice --reason "new laptop"', "unlock --target prod-db-1"],
  audience: "admins",
  positionals: subjectPositionals,
  options: {
    ...subjectOptions,
    reason: inWords(optional(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run(context, values) {
    const { control, caller, program } = context;
    const subject = lockSubject(context, "unlock", values);
    const key = lockKey(subject);
    if (!control.state.locks.has(key))
      throw new CommandError("notFound", `${key} is not locked`, `see what is: ${program} locks`);
    await control.cuts.unlock(subject, caller.name, values.reason ?? "no reason given");
    return { text: `${key} is unlocked.\n`, json: { ...subject, locked: false } };
  },
});
