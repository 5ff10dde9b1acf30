import { explain as explainRoles, lockOn, type ExplainedFault, type ExplainedRole } from "../access/index.js";
import { spanText, linesText } from "../wording/index.js";
import { login as loginArgument, name, optional, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { wantedText } from "./describe-request.js";
import { maySee } from "./lookup.js";

export const explain = defineCommand({
  examples: ["explain alice prod-db-1 postgres", "explain prod-db-1 postgres --json"],
  audience: "anyone",
  positionals: {
    identity: optional(name, {
      placeholder: "IDENTITY",
      summary: "who; you, if left out. Others: for admins and auditors",
    }),
    target: required(name, { placeholder: "TARGET", summary: "where to" }),
    login: required(loginArgument, { placeholder: "LOGIN", summary: "as whom, there" }),
  },
  options: {},
  run({ control, caller, program }, { identity: who = caller.name, target, login }) {
    if (!maySee(caller, who))
      throw new CommandError(
        "notPermitted",
        "you may explain your own access only; others' is for admins and auditors",
        `${program} explain ${target} ${login}`,
      );
    const explained = explainRoles(control.policy, who, target, login);
    if (!explained.ok) {
      const what = explained.reason === "unknown-identity" ? `identity ${who}` : `target ${target}`;
      throw new CommandError(
        "notFound",
        `there is no ${what}`,
        explained.reason === "unknown-target" ? `see what there is: ${program} targets` : undefined,
      );
    }
    const giving = explained.roles.filter(({ faults }) => faults.length === 0);
    const lock = lockOn(control.state, { identity: who, target });
    const locked =
      lock === undefined
        ? []
        : [`But ${lock.name} is locked: nothing of it can be had now (${lock.reason}).`];
    const verdict =
      giving.length === 0
        ? `No role lets ${who} ask for ${target} as ${login}.`
        : `${who} may ask for ${target} as ${login}: ${giving.map(({ role }) => role.name).join(", ")}.`;
    return {
      text: linesText([
        verdict,
        ...locked,
        ...explained.roles.flatMap((one) => roleLines(one, who, target, login)),
      ]),
      json: {
        identity: who,
        target,
        login,
        allowed: giving.length > 0 && lock === undefined,
        ...(lock && { lock }),
        roles: explained.roles.map((one) => roleJson(one, caller.isAdmin || caller.isAuditor)),
      },
    };
  },
});

function roleLines(
  { role, faults, approvers }: ExplainedRole,
  who: string,
  target: string,
  login: string,
): readonly string[] {
  if (faults.length > 0)
    return [
      `  no   ${role.name}`,
      ...faults.map((fault) => `         ${faultText(fault, role, who, target, login)}`),
    ];
  const { approvals } = role;
  const needs =
    approvals.kind === "automatic"
      ? "at once, nobody is asked"
      : `wants ${wantedText(approvals, approvals.quorums)} (${approvers.join(", ")})${approvals.signed ? ", signed" : ""}${approvals.presence ? " with a touched hardware key" : ""}`;
  const more = [
    `at most ${spanText(role.maxDurationMs)}`,
    needs,
    ...(role.breakGlass ? ["--break-glass in an emergency"] : []),
    ...(role.reason === "required" ? ["a reason"] : []),
    ...(role.ticket === undefined ? [] : [`a ticket like ${role.ticket.source}`]),
  ];
  return [`  yes  ${role.name}`, ...more.map((line) => `         ${line}`)];
}

function faultText(
  fault: ExplainedFault,
  role: ExplainedRole["role"],
  who: string,
  target: string,
  login: string,
): string {
  switch (fault) {
    case "not-in-group":
      return `${who} is in none of its groups: ${role.groups.join(", ")}`;
    case "target-not-covered":
      return `it does not cover ${target}`;
    case "login-not-in-role":
      return `it gives ${role.logins.join(", ")}, not ${login}`;
    case "login-not-on-target":
      return `${target} has no login ${login}`;
    case "nobody-can-approve":
      return "all others together are not the people who would have to approve it";
  }
}

/** Of a role that gives them nothing, others than admins and auditors have no more than the text says. */
function roleJson({ role, faults, approvers }: ExplainedRole, seesAll: boolean): object {
  if (faults.length > 0 && !seesAll) {
    const { name: of, groups, logins } = role;
    return { name: of, groups, logins, faults };
  }
  const { ticket, ...rest } = role;
  return { ...rest, ...(ticket && { ticket: ticket.source }), faults, approvers };
}
