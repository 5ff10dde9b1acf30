import { reviewRole, usageOf, type RoleReview, type UnusedPermissions } from "../access/index.js";
import { spanText, utcText, linesText } from "../wording/index.js";
import type { Control } from "../control/index.js";
import { name, optional } from "./argument.js";
import { CommandError, usage } from "./command-error.js";
import { defineCommand } from "./define.js";
import { roleYaml } from "./role-yaml.js";

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 90;
const DAYS_MAX = 3650;
/** Names shown of a longer list; all of them are in the JSON. */
const SHOWN_MAX = 6;

/** What was looked at. */
interface Window {
  readonly sinceMs: number;
  readonly days: number;
  /** The ledger's first entry, if it is younger than what was asked for. */
  readonly beginsMs?: number;
}

export const accessReview = defineCommand({
  examples: ["access review", "access review --days 30 --role db-oncall", "access review --json"],
  audience: "admins or auditors",
  positionals: {},
  options: {
    days: optional(days, { placeholder: "N", summary: `how far to look back; ${DAYS_DEFAULT} unless said` }),
    role: optional(name, { placeholder: "NAME", summary: "only this role" }),
  },
  async run({ control }, { days: asked = DAYS_DEFAULT, role: only }) {
    const { state, config } = control;
    const { policy } = config;
    if (only !== undefined && !policy.roles.has(only))
      throw new CommandError("notFound", `there is no role ${only}`);
    const roles = [...policy.roles.values()].filter((role) => (only ?? role.name) === role.name);
    const window = await windowOf(control, asked);
    const used = usageOf(state, roles, window.sinceMs);
    const reviews = roles.flatMap((role) => {
      const usage = used.get(role.name);
      return usage === undefined ? [] : [reviewRole(policy, role, usage)];
    });
    return {
      text: linesText([...headLines(window), ...reviews.flatMap(reviewLines), ...FOOT]),
      json: { ...window, roles: reviews.map(reviewJson) },
    };
  },
});

function days(text: string, argument: string): number {
  const count = /^[1-9]\d{0,3}$/u.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= DAYS_MAX) return count;
  throw usage(argument, `a whole number of days from 1 to ${DAYS_MAX}, such as 90`);
}

async function windowOf(control: Control, asked: number): Promise<Window> {
  const sinceMs = control.nowMs - asked * DAY_MS;
  for await (const { atMs } of control.ledger.history()) {
    return atMs > sinceMs ? { sinceMs, days: asked, beginsMs: atMs } : { sinceMs, days: asked };
  }
  return { sinceMs, days: asked };
}

function headLines({ sinceMs, days: asked, beginsMs }: Window): readonly string[] {
  const head = `What was used since ${utcText(sinceMs)} (${asked} days).`;
  if (beginsMs === undefined) return [head];
  const known = `The ledger begins only at ${utcText(beginsMs)}: of the ${spanText(beginsMs - sinceMs)} before it, nothing is known here.`;
  return [head, known];
}

const FOOT: readonly string[] = [
  "",
  "Whoever or whatever came into the policy only lately looks unused. Before a smaller role is put into force:",
  "bascule policy diff OLD NEW says who loses what.",
];

function reviewLines({
  role,
  usage: used,
  given,
  used: count,
  unused,
  proposal,
}: RoleReview): readonly string[] {
  const users = used.users.map(
    ({ identity, sessions, lastAtMs }) =>
      `${identity} (${sessions} session${sessions === 1 ? "" : "s"}, last ${utcText(lastAtMs)})`,
  );
  const emergencies = used.breakGlass.map(
    ({ grant, identity, atMs, reviewedBy }) =>
      `${identity} at ${utcText(atMs)}, ${grant}, ${reviewedBy === undefined ? "not reviewed yet" : `reviewed by ${reviewedBy}`}`,
  );
  const never = unused.map(unusedText);
  return [
    "",
    `role ${role.name}: ${count} of ${given} permissions used, in ${used.sessions} session${used.sessions === 1 ? "" : "s"}`,
    ...section("used by", users),
    ...section("as", [...used.logins].sort(), ", "),
    ...section("on", used.targets.size === 0 ? [] : [fewOf([...used.targets].sort())]),
    ...section("break-glass", emergencies),
    ...section("never used", never),
    ...proposalLines(proposal),
  ];
}

function unusedText({ identities, logins, targets }: UnusedPermissions): string {
  return `${fewOf(identities)} as ${logins.join(", ")} on ${fewOf(targets)}`;
}

/** Nothing without values; each on a line of its own unless they are joined. */
function section(title: string, values: readonly string[], joint?: string): readonly string[] {
  if (values.length === 0) return [];
  const shown = joint === undefined ? values : [values.join(joint)];
  return shown.map((value, at) => `  ${(at === 0 ? title : "").padEnd(12)} ${value}`);
}

function proposalLines(proposal: RoleReview["proposal"]): readonly string[] {
  switch (proposal.kind) {
    case "unused":
      return ["  proposal     take the role away: nobody used it"];
    case "tight":
      return ["  proposal     none: all that could be taken away was used"];
    case "smaller":
      return ["  proposal     this role instead:", "", ...roleYaml(proposal.role)];
  }
}

function reviewJson({ role, usage: used, given, used: count, unused, proposal }: RoleReview): object {
  return {
    role: role.name,
    ...{ given, used: count, sessions: used.sessions, users: used.users, unused },
    ...{ logins: [...used.logins].sort(), targets: [...used.targets].sort(), breakGlass: used.breakGlass },
    proposal: proposal.kind === "smaller" ? { ...smallerJson(proposal.role), kind: proposal.kind } : proposal,
  };
}

function smallerJson(role: RoleReview["role"]): object {
  const { groups, targets, logins, maxDurationMs } = role;
  return { groups, targets, logins, maxDurationMs, yaml: linesText(roleYaml(role)) };
}

function fewOf(names: readonly string[]): string {
  const more = names.length - SHOWN_MAX;
  return more > 1 ? `${names.slice(0, SHOWN_MAX).join(", ")} and ${more} more` : names.join(", ");
}
