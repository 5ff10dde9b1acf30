import {
  approversOf,
  matchId,
  type GrantId,
  type GrantState,
  type IdMatch,
  type RequestId,
  type RequestState,
  type SessionId,
  type SessionState,
} from "../access/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";

/**
 * The session that an id or its beginning means. Who is neither admin nor auditor finds only their own.
 * Throws CommandError `notFound`, or `usage` when it could be several.
 */
export function findSession(context: CommandContext, prefix: string): SessionState {
  const { control, caller } = context;
  const { sessions } = control.state;
  const visible = [...sessions.values()].filter(({ identity }) => maySee(caller, identity));
  const ids = visible.map(({ session }) => session);
  const id = unique(context, matchId<SessionId>(prefix, ids), prefix, "session");
  return known(sessions.get(id), prefix);
}

/** The same for whoever may see every session by another right: the caller has made sure of it. */
export function findAnySession(context: CommandContext, prefix: string): SessionState {
  const { sessions } = context.control.state;
  const id = unique(context, matchId<SessionId>(prefix, sessions.keys()), prefix, "session");
  return known(sessions.get(id), prefix);
}

/** The same for a grant. */
export function findGrant(context: CommandContext, prefix: string): GrantState {
  return grantAmong(context, prefix, ({ grant }) => maySee(context.caller, grant.identity));
}

/** The same for a break-glass grant, which those who would have approved it see too. */
export function findReview(context: CommandContext, prefix: string): GrantState {
  return grantAmong(
    context,
    prefix,
    (held) => maySee(context.caller, held.grant.identity) || mayReviewSome(context, held),
  );
}

/** The same for a request, which those who may approve it see too. */
export function findRequest(context: CommandContext, prefix: string): RequestState {
  const { requests } = context.control.state;
  const sees = requestSight(context);
  const meant = [...requests.values()].filter(({ request: { id } }) => begins(id, prefix));
  const ids = meant.filter(sees).map(({ request }) => request.id);
  const id = unique(context, matchId<RequestId>(prefix, ids), prefix, "request");
  return known(requests.get(id), prefix);
}

/**
 * Which requests the caller sees: a request is its requester's, its approvers', and the admins' and auditors'. Who approves is
 * worked out once for all requests of the same kind.
 */
export function requestSight({ control, caller }: CommandContext): (held: RequestState) => boolean {
  const known = new Map<string, boolean>();
  const isApprover = (request: RequestState["request"]): boolean => {
    const key = JSON.stringify([request.identity, request.needs]);
    const found =
      known.get(key) ?? approversOf(control.policy, request, request.identity).includes(caller.name);
    known.set(key, found);
    return found;
  };
  return ({ request, approvals }) =>
    maySee(caller, request.identity) || approvals.some(({ by }) => by === caller.name) || isApprover(request);
}

/** As `matchId` takes a shortened id. */
function begins(id: string, prefix: string): boolean {
  return id.startsWith(prefix) || id.slice(id.indexOf("-") + 1).startsWith(prefix);
}

/** Whether a grant let its holder in by break-glass, and the caller is one of those who would have approved it. */
export function mayReviewSome({ control, caller }: CommandContext, { grant }: GrantState): boolean {
  const role = control.policy.roles.get(grant.role);
  if (grant.how !== "break-glass" || role === undefined) return false;
  return approversOf(control.policy, role, grant.identity).includes(caller.name);
}

function grantAmong(
  context: CommandContext,
  prefix: string,
  isVisible: (held: GrantState) => boolean,
): GrantState {
  const { grants } = context.control.state;
  const ids = [...grants.values()].filter(isVisible).map(({ grant }) => grant.id);
  const id = unique(context, matchId<GrantId>(prefix, ids), prefix, "grant");
  return known(grants.get(id), prefix);
}

/** Everybody sees their own; admins and auditors see everybody's. */
export function maySee(caller: CommandContext["caller"], identity: string): boolean {
  return caller.isAdmin || caller.isAuditor || caller.name === identity;
}

function unique<T extends string>(
  { program }: CommandContext,
  match: IdMatch<T>,
  prefix: string,
  what: string,
): T {
  if (match.kind === "unique") return match.id;
  if (match.kind === "several")
    throw new CommandError(
      "usage",
      `${prefix} could be ${match.candidates.join(", ")}`,
      "give more of the id",
    );
  throw new CommandError("notFound", `there is no ${what} ${prefix}`, `see them with: ${program} ${what}s`);
}

function known<T>(value: T | undefined, prefix: string): T {
  if (value === undefined) throw new CommandError("notFound", `there is no ${prefix}`);
  return value;
}
