import { askableTargets, type Policy } from "../access/index.js";
import { formatHostPort, listText } from "../wording/index.js";
import { name, optional } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { maySee } from "./lookup.js";

export const targets = defineCommand({
  examples: ["targets", "targets --identity alice", "targets --json"],
  audience: "anyone",
  positionals: {},
  options: {
    identity: optional(name, { placeholder: "NAME", summary: "whose targets; without it an admin sees all" }),
  },
  run({ control, caller }, { identity }) {
    const { policy } = control;
    const whose = identity ?? (caller.isAdmin || caller.isAuditor ? undefined : caller.name);
    if (whose !== undefined && !maySee(caller, whose))
      throw new CommandError("notPermitted", "you may list your own targets only");
    const logins = whose === undefined ? allLogins(policy) : loginsFor(policy, whose);
    const found = [...logins].flatMap(([target, names]) => {
      const entry = control.config.inventory.get(target);
      return entry === undefined ? [] : [{ ...entry, logins: names }];
    });
    const rows = found.map((target) => [
      target.name,
      target.logins.join(", "),
      Object.entries(target.labels)
        .map(([label, value]) => `${label}=${value}`)
        .join(" "),
      caller.isAdmin ? formatHostPort(target.address) : "",
    ]);
    return {
      text: listText(["TARGET", "LOGINS", "LABELS", caller.isAdmin ? "ADDRESS" : ""], rows, "No targets."),
      json: found.map(({ name: target, logins: names, labels }) => ({ target, logins: names, labels })),
    };
  },
});

function allLogins(policy: Policy): ReadonlyMap<string, readonly string[]> {
  return new Map([...policy.targets.values()].map((target) => [target.name, target.logins]));
}

function loginsFor(policy: Policy, name: string): ReadonlyMap<string, readonly string[]> {
  const identity = policy.identities.get(name);
  if (identity === undefined) throw new CommandError("notFound", `there is no identity ${name}`);
  return askableTargets(policy, identity);
}
