import { askableTargets, type LockState } from "../access/index.js";
import { utcText, listText } from "../wording/index.js";
import { defineCommand, type CommandContext } from "./define.js";

export const locks = defineCommand({
  examples: ["locks", "locks --json"],
  audience: "anyone",
  positionals: {},
  options: {},
  run(context) {
    const found = [...context.control.state.locks.values()].filter((lock) => concerns(context, lock));
    const rows = found.map(({ kind, name, by, atMs, reason }) => [kind, name, by, utcText(atMs), reason]);
    return {
      text: listText(["WHAT", "NAME", "BY", "SINCE", "REASON"], rows, "Nothing is locked."),
      json: found,
    };
  },
});

/** Admins and auditors see all; others what keeps them from their work. */
function concerns({ control, caller }: CommandContext, { kind, name }: LockState): boolean {
  if (caller.isAdmin || caller.isAuditor) return true;
  if (kind === "identity") return name === caller.name;
  if (kind === "serial") return control.state.certificates.get(name)?.identity === caller.name;
  const identity = control.policy.identities.get(caller.name);
  return identity !== undefined && askableTargets(control.policy, identity).has(name);
}
