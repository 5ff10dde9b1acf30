import { defineCommand } from "./define.js";
import { recordText } from "../wording/index.js";

export const whoami = defineCommand({
  examples: ["whoami"],
  audience: "anyone",
  positionals: {},
  options: {},
  run({ control, caller }) {
    const { name, isAdmin, isAuditor, fingerprint } = caller;
    const groups = control.policy.identities.get(name)?.groups ?? [];
    return {
      text: recordText([
        ["name", name],
        ["groups", groups.length === 0 ? undefined : groups.join(", ")],
        ["admin", isAdmin ? "yes" : "no"],
        ["auditor", isAuditor ? "yes" : "no"],
        ["key", fingerprint],
      ]),
      json: { name, groups, isAdmin, isAuditor, ...(fingerprint !== undefined && { fingerprint }) },
    };
  },
});
