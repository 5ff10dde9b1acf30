import {
  lockedText,
  lockKey,
  type LockSubject,
  type SessionId,
  type SessionState,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { cutWith } from "./revoke.js";

/** Locks a subject; its sessions end at once. Resolves with the sessions that were cut. The first of two locks stands. */
export function lock(
  context: DecisionContext,
  { kind, name }: LockSubject,
  by: string,
  reason: string,
): Promise<readonly SessionId[]> {
  const isConcerned = ({ identity, target, serial }: SessionState) =>
    ({ identity, target, serial })[kind] === name;
  const text = `${lockedText({ kind, name })} was locked by ${by}: ${reason}`;
  const cut = { reason: "locked", by, text } as const;
  return cutWith(context, { type: "lock.set", kind, name, by, reason }, isConcerned, cut);
}

/** Lifts a lock, if there is one. */
export async function unlock(
  { keeper }: DecisionContext,
  { kind, name }: LockSubject,
  by: string,
  reason: string,
): Promise<void> {
  if (!keeper.state.locks.has(lockKey({ kind, name }))) return;
  await keeper.record({ type: "lock.lifted", kind, name, by, reason });
}
