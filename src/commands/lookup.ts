import {
  matchId,
  type GrantId,
  type GrantState,
  type IdMatch,
  type SessionId,
  type SessionState,
} from "../access/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";

/**
 * The session that an id or its beginning means. Who is neither admin nor auditor finds only their own.
 * Throws CommandError `notFound`, or `usage` when it could be several.
 */
export function findSession({ control, caller }: CommandContext, prefix: string): SessionState {
  const { sessions } = control.state;
  const visible = [...sessions.values()].filter(({ identity }) => maySee(caller, identity));
  const id = unique(
    matchId<SessionId>(
      prefix,
      visible.map(({ session }) => session),
    ),
    prefix,
    "session",
    "sessions",
  );
  return known(sessions.get(id), prefix);
}

/** The same for a grant. */
export function findGrant({ control, caller }: CommandContext, prefix: string): GrantState {
  const { grants } = control.state;
  const visible = [...grants.values()].filter(({ grant }) => maySee(caller, grant.identity));
  const id = unique(
    matchId<GrantId>(
      prefix,
      visible.map(({ grant }) => grant.id),
    ),
    prefix,
    "grant",
    "grants",
  );
  return known(grants.get(id), prefix);
}

/** Everybody sees their own; admins and auditors see everybody's. */
export function maySee(caller: CommandContext["caller"], identity: string): boolean {
  return caller.isAdmin || caller.isAuditor || caller.name === identity;
}

function unique<T extends string>(match: IdMatch<T>, prefix: string, what: string, lister: string): T {
  if (match.kind === "unique") return match.id;
  if (match.kind === "several")
    throw new CommandError(
      "usage",
      `${prefix} could be ${match.candidates.join(", ")}`,
      "give more of the id",
    );
  throw new CommandError("notFound", `there is no ${what} ${prefix}`, `see them with: bascule ${lister}`);
}

function known<T>(value: T | undefined, prefix: string): T {
  if (value === undefined) throw new CommandError("notFound", `there is no ${prefix}`);
  return value;
}
