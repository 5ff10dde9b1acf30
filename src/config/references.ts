import { coversTarget, loginsOn, type Policy, type Role, redactorsBut } from "../access/index.js";
import { approvalDoubts, quorumsOf } from "./approval-doubts.js";
import type { ConfigMistake } from "./config.js";
import { mistakeAt } from "./mistakes.js";
import { nearest } from "../wording/index.js";
import type { ParsedConfig } from "./schema.js";
import type { ValuePath, YamlFile } from "./yaml-file.js";

/**
 * What gives less than it seems to: groups without members, logins and targets that are nowhere, approvals that nobody
 * could give. No error, as a policy may be written before the people and hosts that it is for.
 */
export function doubts(policy: Policy, parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
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
  checkGroups(["redactors"], policy.redactors);
  if (policy.redactors.length > 0 && redactorsBut(policy, "").length === 1)
    doubt(["redactors"], "only one person is in these groups, and a redaction takes two");
  checkGroups(["unsealers"], policy.unsealers);
  for (const role of policy.roles.values()) {
    const at = ["roles", role.name];
    checkGroups([...at, "groups"], role.groups);
    for (const [path, quorum] of quorumsOf(role.name, parsed)) {
      checkGroups([...path, "from"], quorum.from);
    }
    for (const { path, message } of approvalDoubts(role, policy, parsed)) doubt(path, message);
    checkTargets(role, policy, doubt);
  }
  if (parsed.archive === undefined) checkArchive(parsed, doubt);
  return doubtful;
}

/** What is to leave has nowhere to go. */
function checkArchive(parsed: ParsedConfig, doubt: (path: ValuePath, message: string) => unknown): void {
  const message = "there is no archive: folder, so recordings stay at hand until they are deleted";
  if (parsed.retention?.atHandMs !== undefined) doubt(["retention", "atHand"], message);
  for (const [name, { retention }] of Object.entries(parsed.roles))
    if (retention?.atHandMs !== undefined) doubt(["roles", name, "retention", "atHand"], message);
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

function didYouMean(word: string, known: Iterable<string>): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}
