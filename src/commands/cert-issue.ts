import { formatDuration, spanText, utcText } from "../wording/index.js";
import type { GrantRefused } from "../control/index.js";
import {
  duration,
  fromFile,
  inWords,
  keyLine,
  list,
  login,
  name,
  optional,
  reason,
  required,
} from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";

export const certIssue = defineCommand({
  examples: [
    'cert issue --identity alice --target prod-db-1 --login postgres --for 30m --reason "INC-42"',
    'cert issue --identity alice --target prod-db-1 --login postgres --for 1h --reason "INC-42" --key - < alice.pub',
  ],
  audience: "admins",
  positionals: {},
  options: {
    identity: required(name, { placeholder: "NAME", summary: "who gets it" }),
    target: list(name, { placeholder: "NAME", summary: "where to" }),
    login: list(login, { placeholder: "NAME", summary: "as whom, there" }),
    for: required(duration, { placeholder: "30m", summary: "how long" }),
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
    ticket: optional(reason, { placeholder: "TICKET", summary: "the ticket, where a role demands one" }),
    role: optional(name, { placeholder: "NAME", summary: "the role to give it under; else the fitting one" }),
    key: inWords(
      fromFile(keyLine, {
        placeholder: "FILE.pub|-",
        summary:
          "the public key to certify, over ssh its line; - reads stdin; else the identity's registered one",
      }),
    ),
  },
  async run({ control, caller, program }, values) {
    if (values.identity === caller.name)
      throw denied("nobody gives themselves a grant", `ask for one: ${program} request`);
    const { identity, target, login: logins, for: durationMs, reason: why, ticket, role, key } = values;
    const issued = await control.grants.issue({
      ...{
        identity,
        targets: unique(target),
        logins: unique(logins),
        durationMs,
        reason: why,
        by: caller.name,
      },
      ...(ticket !== undefined && { ticket }),
      ...(role !== undefined && { role }),
      ...(key !== undefined && { key }),
    });
    if (!issued.ok) throw refusal(issued, identity);
    const { grant, serial, fingerprint, certificate } = issued;
    const { nowMs } = control;
    const left = `until ${utcText(grant.untilMs)} (${spanText(grant.untilMs - nowMs)})`;
    return {
      text: `${certificate}\n`,
      json: { grant, serial, fingerprint, certificate },
      notes: [
        `${grant.id}: ${identity} on ${grant.targets.join(", ")} as ${grant.logins.join(", ")} ${left}`,
      ],
    };
  },
});

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function refusal(refused: GrantRefused, identity: string): CommandError {
  const {
    reason: why,
    role = "no role",
    instead,
    target = "that target",
    login: as = "that login",
  } = refused;
  const offer = (what: string, names?: readonly string[]) =>
    names === undefined || names.length === 0 ? undefined : `${what}: ${names.join(", ")}`;
  switch (why) {
    case "unknown-identity":
      return new CommandError("notFound", `there is no identity ${identity}`, "add it to the configuration");
    case "unknown-target":
      return new CommandError("notFound", `there is no target ${target}`, offer("there is", instead.targets));
    case "unknown-role":
      return new CommandError("notFound", `there is no role ${role}`, offer("there is", instead.roles));
    case "bad-duration":
      return new CommandError("usage", "--for: expected a duration such as 30m");
    case "not-in-group":
      return denied(
        `${identity} is in no group of a role for ${target}`,
        offer("groups that are", instead.groups),
      );
    case "target-not-covered":
      return denied(`no role of ${identity} covers ${target}`, offer("covered", instead.targets));
    case "login-not-allowed":
      return denied(`no role of ${identity} gives ${as} on ${target}`, offer("it gives", instead.logins));
    case "duration-too-long":
      return denied(
        `role ${role} gives at most ${spanText(instead.maxDurationMs ?? 0)}`,
        longest(instead.maxDurationMs),
      );
    case "reason-missing":
      return denied(`role ${role} wants a reason`, '--reason "…"');
    case "ticket-missing":
      return denied(`role ${role} wants a ticket like ${instead.ticket ?? "…"}`, "--ticket TICKET");
    case "no-key":
      return new CommandError("usage", `${identity} has no registered key`, "name one: --key FILE.pub");
    case "several-keys":
      return new CommandError("usage", `${identity} has several registered keys`, "name one: --key FILE.pub");
    case "malformed-key":
      return new CommandError("usage", "--key: expected an OpenSSH public key, as in id_ed25519.pub");
    case "key-revoked":
      return denied("that key was revoked", "name another: --key FILE.pub");
    case "foreign-key":
      return denied(
        `that key is not one of ${identity}'s in the policy, so that it could be anybody's`,
        "register it; or on the bastion itself: bascule cert issue",
      );
    case "own-grant":
      return denied("nobody gives themselves a grant", undefined);
    case "locked":
      return denied(`it is locked (${refused.detail ?? ""})`, "lift the lock first: unlock");
  }
}

function longest(ms = 0): string {
  return `--for ${formatDuration(ms)}`;
}

function denied(message: string, hint: string | undefined): CommandError {
  return new CommandError("denied", message, hint);
}
