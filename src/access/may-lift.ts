import type { HoldState, HoldSubject } from "./hold.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import { LOCAL_ADMIN } from "./name.js";
import { isMemberOf, type Policy } from "./policy.js";
import type { SessionState, State } from "./state.js";

/** As much of a session as a hold is about. */
export type Holdable = Pick<SessionState, "session" | "identity" | "target">;

/** The holds in force that cover a session, oldest first. */
export function holdsOn(state: State, session: Holdable): readonly HoldState[] {
  const covering: HoldState[] = [];
  for (const id of state.openHolds) {
    const hold = state.holds.get(id);
    if (hold !== undefined && covers(hold, session)) covering.push(hold);
  }
  return covering;
}

/** Whether a session's recording must stay as it is. */
export function isHeld(state: State, session: Holdable): boolean {
  return holdsOn(state, session).length > 0;
}

function covers(hold: HoldSubject, { session, identity, target }: Holdable): boolean {
  return hold.session === session || hold.identity === identity || hold.target === target;
}

export type LiftDenial =
  | "locked"
  | "lifted-before"
  | "own-sessions" // nobody frees the traces of themselves
  | "not-permitted"; // auditors lift any hold, an admin only what they set

export type LiftVerdict =
  { readonly ok: true } | Locked | { readonly ok: false; readonly reason: Exclude<LiftDenial, "locked"> };

/**
 * Whether somebody may lift a hold: an auditor any, an admin only one of their own, and nobody one that is on themselves. So
 * neither an investigated admin nor the nameless one at the machine undoes what an auditor wants kept.
 */
export function mayLift(policy: Policy, state: State, hold: HoldState, by: string): LiftVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (hold.lifted !== undefined) return { ok: false, reason: "lifted-before" };
  if (isOnSessionsOf(by, state, hold)) return { ok: false, reason: "own-sessions" };
  const identity = policy.identities.get(by);
  const isAuditor = identity !== undefined && isMemberOf(identity, policy.auditors);
  const isAdmin = by === LOCAL_ADMIN || (identity !== undefined && isMemberOf(identity, policy.admins));
  return isAuditor || (isAdmin && hold.by === by) ? { ok: true } : { ok: false, reason: "not-permitted" };
}

/** Also a hold on a target, by what they have done there. */
function isOnSessionsOf(name: string, state: State, { session, identity, target }: HoldSubject): boolean {
  if (identity !== undefined) return identity === name;
  if (session !== undefined) return state.sessions.get(session)?.identity === name;
  for (const one of state.sessions.values())
    if (one.target === target && one.identity === name && one.deleted === undefined) return true;
  return false;
}
