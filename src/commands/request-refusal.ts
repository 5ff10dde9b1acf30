import { formatDuration, nearest, spanText } from "../wording/index.js";
import type { RequestAsk } from "../access/index.js";
import type { RequestRefused } from "../control/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";
import { lockedRefusal } from "./locked-refusal.js";
import { quoted } from "./values.js";
import { shellWord } from "./ssh/shell-word.js";

/** How many names a refusal offers instead. */
const INSTEAD_MAX = 8;

/** Why policy cannot give what was asked: the rule that stands in the way, and the line that would ask for what it does give. */
export function requestRefusal(
  { control, program }: CommandContext,
  ask: RequestAsk,
  refused: RequestRefused,
): CommandError {
  const { role = "that role", target = ask.targets[0] ?? "", login = ask.logins[0] ?? "", instead } = refused;
  const rather = (change: Partial<RequestAsk>) => `ask for: ${askLine(program, { ...ask, ...change })}`;
  const given = control.policy.roles.get(role);
  switch (refused.reason) {
    case "unknown-identity":
      return denied(`${ask.identity} is not known to the policy (any more)`, "an admin can add you");
    case "unknown-target": {
      const meant = nearest(target, instead.targets ?? []);
      const hint =
        meant === undefined
          ? offer(instead.targets)
          : rather({ targets: replaced(ask.targets, target, meant) });
      return new CommandError("notFound", `there is no target ${quoted(target)}`, hint);
    }
    case "unknown-role":
      return new CommandError(
        "notFound",
        `there is no role ${quoted(role)}`,
        offer(instead.roles, "your roles"),
      );
    case "bad-duration":
      return new CommandError("usage", "--for: expected a duration such as 30m");
    case "not-in-group":
      return denied(
        `role ${role} gives that to members of ${list(given?.groups ?? instead.groups)}, and you are none`,
        offer(instead.targets),
      );
    case "target-not-covered":
      if (ask.targets.length > 1 && instead.targets?.includes(target) === true)
        return denied(
          `no role of yours gives all of that (${role} does not cover ${target})`,
          `ask for what one role gives at a time; which: ${program} explain ${target} ${login}`,
        );
      return denied(
        `no role of yours covers ${target}${refused.role === undefined ? "" : ` (nearest: ${role})`}`,
        `${offer(instead.targets) ?? "no target is open to you"}; why: ${program} explain ${target} ${login}`,
      );
    case "login-not-allowed": {
      const [other] = instead.logins ?? [];
      const why = `${program} explain ${target} ${login}`;
      return denied(
        `role ${role} does not give ${login} on ${target}${other === undefined ? "" : `; it gives ${list(instead.logins)}`}`,
        other === undefined ? `why: ${why}` : rather({ logins: replaced(ask.logins, login, other) }),
      );
    }
    case "duration-too-long": {
      const most = instead.maxDurationMs ?? 0;
      return denied(`role ${role} gives at most ${spanText(most)}`, rather({ durationMs: most }));
    }
    case "reason-missing":
      return denied(`role ${role} wants a reason`, rather({ reason: "why" }));
    case "ticket-missing":
      return denied(
        `role ${role} wants a ticket like ${instead.ticket ?? "…"}`,
        rather({ ticket: "TICKET" }),
      );
    default:
      return otherRefusal(program, ask, { ...refused, reason: refused.reason }, given?.breakGlass === true);
  }
}

type ScopeReason =
  | (
      | "unknown-identity"
      | "unknown-target"
      | "unknown-role"
      | "bad-duration"
      | "not-in-group"
      | "target-not-covered"
    )
  | ("login-not-allowed" | "duration-too-long" | "reason-missing" | "ticket-missing");

/** What policy would give, but not now, not so, or not to one who asks so much. */
function otherRefusal(
  program: string,
  ask: RequestAsk,
  {
    reason,
    role = "that role",
    detail,
    request,
    lock,
  }: RequestRefused & { reason: Exclude<RequestRefused["reason"], ScopeReason> },
  isForEmergencies: boolean,
): CommandError {
  switch (reason) {
    case "locked":
      return lockedRefusal({ ...(lock && { lock }), ...(detail !== undefined && { detail }) });
    case "already-asked":
      return denied(
        `${request ?? "another request"} asks for the same and still waits`,
        request === undefined
          ? undefined
          : `see it: ${program} show ${request}; or: ${program} cancel ${request}`,
      );
    case "too-many-open":
      return denied(
        "too many of your requests wait already",
        `see them: ${program} requests; cancel one: ${program} cancel REQ`,
      );
    case "too-many-lately":
      return denied("you have asked too often in the last hour", "try again later");
    case "break-glass-not-allowed":
      return denied(
        `role ${role} lets nobody in by --break-glass`,
        `ask for approval: ${askLine(program, { ...ask, breakGlass: false })}`,
      );
    case "nobody-can-approve":
      return denied(
        `role ${role} wants more approvals than there are people besides you who could give them`,
        isForEmergencies
          ? `in an emergency: ${askLine(program, { ...ask, breakGlass: true })}`
          : "an admin can change who approves",
      );
    case "begins-too-late":
      return new CommandError(
        "usage",
        "--from: that is too far ahead",
        "a grant can begin within the next 30 days",
      );
    case "text-too-long":
      return new CommandError(
        "usage",
        "--reason: reason, ticket and names are too long together",
        "say it in fewer words",
      );
    case "too-many-names":
      return new CommandError(
        "usage",
        "that is too many targets or logins for one request",
        "make several requests",
      );
  }
}

/** The line that asks for this. */
export function askLine(program: string, ask: RequestAsk): string {
  const { targets, logins, durationMs, reason, ticket, role, breakGlass, fromMs } = ask;
  return [
    ...[program, "request", ...targets],
    ...logins.flatMap((login) => ["--as", login]),
    ...["--for", formatDuration(durationMs)],
    ...(fromMs === undefined ? [] : ["--from", new Date(fromMs).toISOString().replace(/\.\d+Z$/u, "Z")]),
    ...(role === undefined ? [] : ["--role", role]),
    ...(ticket === undefined ? [] : ["--ticket", shellWord(ticket)]),
    ...(breakGlass ? ["--break-glass"] : []),
    ...(reason === "" ? [] : ["--reason", shellWord(reason)]),
  ].join(" ");
}

function replaced(names: readonly string[], one: string, other: string): readonly string[] {
  return [...new Set(names.map((name) => (name === one ? other : name)))];
}

function offer(names: readonly string[] | undefined, opening = "you may ask for"): string | undefined {
  return names === undefined || names.length === 0 ? undefined : `${opening}: ${list(names)}`;
}

function list(names: readonly string[] = []): string {
  return `${names.slice(0, INSTEAD_MAX).join(", ")}${names.length > INSTEAD_MAX ? ", …" : ""}`;
}

function denied(message: string, hint: string | undefined): CommandError {
  return new CommandError("denied", message, hint);
}
