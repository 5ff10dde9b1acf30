import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import type { SessionId } from "./id.js";
import { isMemberOf, type Policy } from "./policy.js";
import type { State } from "./state.js";

export type UnsealVerdict =
  | { readonly ok: true }
  | Locked
  | { readonly ok: false; readonly reason: "not-an-unsealer" | "own-unsealing" | "not-an-auditor" }
  | { readonly ok: false; readonly reason: "session-live" | "deleted" };

export interface UnsealAsk {
  readonly session: SessionId;
  readonly by: string;
  /** The auditor who is to see what was typed. */
  readonly for: string;
}

/** Whether somebody may let an auditor see what was typed on the terminals of a session. The session is one that state knows. */
export function mayUnseal(policy: Policy, state: State, ask: UnsealAsk): UnsealVerdict {
  const { session: id, by, for: auditor } = ask;
  const lock = lockOn(state, { identity: by }) ?? lockOn(state, { identity: auditor });
  if (lock !== undefined) return lockedBy(lock);
  if (!isUnsealer(policy, by)) return { ok: false, reason: "not-an-unsealer" };
  if (by === auditor) return { ok: false, reason: "own-unsealing" };
  const identity = policy.identities.get(auditor);
  if (identity === undefined || !isMemberOf(identity, policy.auditors))
    return { ok: false, reason: "not-an-auditor" };
  const session = state.sessions.get(id);
  if (session?.ended === undefined) return { ok: false, reason: "session-live" };
  return session.deleted === undefined ? { ok: true } : { ok: false, reason: "deleted" };
}

/** Whether somebody is in a group that may unseal. Nobody is unless the configuration says so; an admin is not by being one. */
export function isUnsealer(policy: Policy, name: string): boolean {
  const identity = policy.identities.get(name);
  return identity !== undefined && isMemberOf(identity, policy.unsealers);
}
