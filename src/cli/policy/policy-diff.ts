import type { Role } from "../../access/index.js";
import { linesText } from "../../wording/index.js";
import { EXIT } from "../../commands/index.js";
import { printJson, printResult } from "../print.js";
import { compareAccess, type AccessChange } from "./compare-access.js";
import { comparePeople, type PersonChange } from "./compare-people.js";
import { readPolicy } from "./read-policy.js";
import { TERMS, termsOf } from "./terms.js";

/** Names shown of a longer list; all of them are in the JSON. */
const SHOWN_MAX = 4;

/** Says who gains and loses what. As `diff` does: 0 when nothing differs, else 1. Throws ConfigError. */
export async function policyDiff(oldPath: string, newPath: string, json: boolean): Promise<number> {
  const [{ policy: before }, { policy: after }] = [await readPolicy(oldPath), await readPolicy(newPath)];
  const access = compareAccess({ before, after }, (role) => JSON.stringify(termsOf(role)));
  const people = comparePeople({ before, after });
  if (json) await printJson({ access: access.map(changeJson), people });
  else await printResult(diffText(access, people));
  return access.length + people.length === 0 ? EXIT.done : EXIT.failed;
}

type Kind = AccessChange["kind"];

/** The report of a comparison: what is gained first, as it is what must be looked at. */
export function diffText(access: readonly AccessChange[], people: readonly PersonChange[]): string {
  if (access.length + people.length === 0) return "Nobody gains or loses anything.\n";
  const lines = (["gained", "lost", "changed"] as const).flatMap((kind) =>
    access.filter((change) => change.kind === kind).flatMap(changeLines),
  );
  const standing = people.flatMap(({ identity, gains, loses }) => [
    `  ${identity}`,
    ...gains.map((what) => `    + ${what}`),
    ...loses.map((what) => `    - ${what}`),
  ]);
  return linesText([
    ...lines,
    ...(standing.length === 0 ? [] : ["Keys, approvers, admins and auditors:", ...standing]),
    summary(access, people),
  ]);
}

const VERBS: Readonly<Record<Kind, string>> = { gained: "gains", lost: "loses", changed: "keeps" };
const MARKS: Readonly<Record<Kind, string>> = { gained: "+", lost: "-", changed: "~" };

function changeLines(change: AccessChange): readonly string[] {
  const { kind, identities, logins, targets, before, after } = change;
  const what = `${fewOf(logins)} on ${fewOf(targets)}`;
  const verb = identities.length === 1 ? VERBS[kind] : VERBS[kind].slice(0, -1);
  return [
    `${MARKS[kind]} ${fewOf(identities)} ${verb} ${what}${kind === "changed" ? ", on other terms" : ""}`,
    ...roleLines(before, after),
  ];
}

function roleLines(before: readonly Role[], after: readonly Role[]): readonly string[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const was = before.find((role) => role.name === name);
    const is = after.find((role) => role.name === name);
    if (was === undefined) return is === undefined ? [] : [`    + role ${name}: ${allTerms(is)}`];
    if (is === undefined) return [`    - role ${name}: ${allTerms(was)}`];
    const changed = changedTerms(was, is);
    return changed === "" ? [] : [`    ~ role ${name}: ${changed}`];
  });
}

/** What is usual is left out. */
const USUAL: Readonly<Record<string, string>> = {
  reason: "required",
  ticket: "none",
  from: "anywhere",
  breakGlass: "forbidden",
  selfExtension: "none",
};

function allTerms(role: Role): string {
  const terms = termsOf(role);
  return TERMS.filter((term) => terms[term] !== USUAL[term])
    .map((term) => `${term} ${terms[term]}`)
    .join("; ");
}

function changedTerms(was: Role, is: Role): string {
  const [old, now] = [termsOf(was), termsOf(is)];
  return TERMS.filter((term) => old[term] !== now[term])
    .map((term) => `${term} ${old[term]} → ${now[term]}`)
    .join("; ");
}

function fewOf(names: readonly string[]): string {
  const more = names.length - SHOWN_MAX;
  return more > 1 ? `${names.slice(0, SHOWN_MAX).join(", ")} and ${more} more` : names.join(", ");
}

/** Counted in single accesses: one identity as one login on one target. */
function summary(access: readonly AccessChange[], people: readonly PersonChange[]): string {
  const count = (kind: Kind): number =>
    access
      .filter((change) => change.kind === kind)
      .reduce(
        (sum, { identities, targets, logins }) => sum + identities.length * targets.length * logins.length,
        0,
      );
  const accesses = `${count("gained")} gained, ${count("lost")} lost, ${count("changed")} with other terms`;
  return `Accesses (identity, target, login): ${accesses}. People with other keys or a different say: ${people.length}.`;
}

function changeJson({ kind, before, after, ...where }: AccessChange): object {
  return { change: kind, ...where, before: before.map(roleJson), after: after.map(roleJson) };
}

/** What a role gives and wants, as a program reads it. */
function roleJson(role: Role): object {
  const { name, maxDurationMs, approvals, channels, reason, ticket, sourceAddresses } = role;
  const { breakGlass, selfExtensionMs } = role;
  return {
    ...{ role: name, maxDurationMs, approvals, channels, reason, ticket: ticket?.source },
    ...{ sourceAddresses, breakGlass, selfExtensionMs },
  };
}
