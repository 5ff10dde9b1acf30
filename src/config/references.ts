import { coversTarget, loginsOn, isMemberOf, type Policy, type Quorum, type Role } from "../access/index.js";
import type { ConfigMistake } from "./config.js";
import { mistakeAt } from "./mistakes.js";
import { nearest } from "./nearest.js";
import type { ParsedConfig } from "./schema.js";
import type { ValuePath, YamlFile } from "./yaml-file.js";

/** One key that stands for two identities: whoever holds it would be either. */
export function duplicateKeys(parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  const holders = new Map<string, string>();
  const mistakes: ConfigMistake[] = [];
  for (const [name, { keys }] of Object.entries(parsed.identities)) {
    for (const [position, { fingerprint }] of keys.entries()) {
      const holder = holders.get(fingerprint);
      holders.set(fingerprint, holder ?? name);
      if (holder === undefined) continue;
      const message = `expected a key of its own; identities.${holder} has the same one`;
      mistakes.push(mistakeAt(["identities", name, "keys", position], message, file));
    }
  }
  return mistakes;
}

/**
 * What gives less than it seems to: groups without members, logins and targets that are nowhere, approvals that nobody
 * could give. No error, as a policy may be written before the people and hosts that it is for.
 */
export function doubts(policy: Policy, file: YamlFile): readonly ConfigMistake[] {
  const groups = new Set([...policy.identities.values()].flatMap((identity) => identity.groups));
  const doubtful: ConfigMistake[] = [];
  const doubt = (path: ValuePath, message: string): unknown => doubtful.push(mistakeAt(path, message, file));

  const checkGroups = (path: ValuePath, named: readonly string[]): void => {
    for (const [position, group] of named.entries()) {
      if (!groups.has(group))
        doubt([...path, position], `nobody is in this group${didYouMean(group, groups)}`);
    }
  };
  checkGroups(["admins"], policy.admins);
  checkGroups(["auditors"], policy.auditors);
  for (const role of policy.roles.values()) {
    const at = ["roles", role.name];
    checkGroups([...at, "groups"], role.groups);
    for (const quorum of role.approvals.kind === "automatic" ? [] : role.approvals.quorums) {
      checkGroups([...at, "approvals", "from"], quorum.from);
      if (quorum.count > approversOf(quorum, policy))
        doubt([...at, "approvals", "count"], "there are not that many people in the groups that approve");
    }
    checkTargets(role, policy, doubt);
  }
  return doubtful;
}

function checkTargets(
  role: Role,
  policy: Policy,
  doubt: (path: ValuePath, message: string) => unknown,
): void {
  const covered = [...policy.targets.values()].filter((target) => coversTarget(role.targets, target));
  if (covered.length === 0) {
    const [name = ""] = role.targets.by === "names" ? role.targets.globs : [];
    doubt(
      ["roles", role.name, "targets"],
      `no target is meant by this${didYouMean(name, policy.targets.keys())}`,
    );
    return;
  }
  const logins = new Set(covered.flatMap((target) => target.logins));
  const given = new Set(covered.flatMap((target) => loginsOn(role, target)));
  for (const [position, login] of role.logins.entries()) {
    if (given.has(login)) continue;
    const message = `no target of this role has this login${didYouMean(login, logins)}`;
    doubt(["roles", role.name, "logins", position], message);
  }
}

/** People who may approve for somebody else. */
function approversOf({ from }: Quorum, policy: Policy): number {
  return [...policy.identities.values()].filter((identity) => isMemberOf(identity, from)).length;
}

function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
