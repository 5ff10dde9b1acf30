import { lockKey, LOCK_KINDS } from "./lock.js";
import type { LockState, State } from "./state.js";

/** What a decision is about, as far as it can be locked. */
export interface Lockable {
  readonly identity?: string;
  readonly target?: string;
  /** Of a certificate, in decimal. */
  readonly serial?: string;
}

/** The lock that stands in the way, of the identity before the target before the serial; undefined if none does. */
export function lockOn(state: State, subject: Lockable): LockState | undefined {
  for (const kind of LOCK_KINDS) {
    const name = subject[kind];
    const lock = name === undefined ? undefined : state.locks.get(lockKey({ kind, name }));
    if (lock !== undefined) return lock;
  }
  return undefined;
}

/** The lock on an identity or on any of several targets. */
export function lockOnAny(state: State, identity: string, targets: readonly string[]): LockState | undefined {
  const locks = targets.map((target) => lockOn(state, { identity, target }));
  return locks.find((lock) => lock !== undefined);
}

/** How a denial says that something is locked; `detail` is the reason that was given for the lock. */
export interface Locked {
  readonly ok: false;
  readonly reason: "locked";
  readonly detail: string;
  readonly lock: LockState;
}

export function lockedBy(lock: LockState): Locked {
  return { ok: false, reason: "locked", detail: lock.reason, lock };
}
