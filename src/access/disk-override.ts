import type { DiskOverrideState } from "./disk.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import { isMemberOf, type Policy } from "./policy.js";
import type { State } from "./state.js";

/** A wish that nobody answered for so long is over: the disk is another one by then. */
export const OVERRIDE_WAITS_MS = 3_600_000;
/** The longest that two people may give at once. */
export const OVERRIDE_MS_MAX = 86_400_000;

/** The override in force, if there is one. */
export function overrideInForce({ diskOverride }: State, nowMs: number): DiskOverrideState | undefined {
  const { given, ended } = diskOverride ?? {};
  return given !== undefined && ended === undefined && nowMs < given.untilMs ? diskOverride : undefined;
}

/** The wish that waits for a second admin, if there is one. */
export function openOverride({ diskOverride }: State, nowMs: number): DiskOverrideState | undefined {
  if (diskOverride === undefined || diskOverride.given !== undefined || diskOverride.ended !== undefined)
    return undefined;
  return nowMs < diskOverride.askedAtMs + OVERRIDE_WAITS_MS ? diskOverride : undefined;
}

export type OverrideDenial =
  | "locked"
  | "not-an-admin" // a named one: the one at the machine itself could be either of the two
  | "not-allowed" // the configuration says `whenFull: refuse`
  | "in-force"
  | "nothing-asked"
  | "own-wish";

export type OverrideVerdict =
  { readonly ok: true } | Locked | { readonly ok: false; readonly reason: Exclude<OverrideDenial, "locked"> };

/** Whether somebody may ask for sessions on a full disk. */
export function mayAskOverride(
  policy: Policy,
  state: State,
  by: string,
  nowMs: number,
  whenFull: "refuse" | "two-people",
): OverrideVerdict {
  const admin = isNamedAdmin(policy, state, by);
  if (!admin.ok) return admin;
  if (whenFull !== "two-people") return { ok: false, reason: "not-allowed" };
  return overrideInForce(state, nowMs) === undefined ? { ok: true } : { ok: false, reason: "in-force" };
}

/** Whether somebody may give what is asked for: another admin than the one who asked. */
export function mayGiveOverride(
  policy: Policy,
  state: State,
  by: string,
  nowMs: number,
  whenFull: "refuse" | "two-people",
): OverrideVerdict {
  const may = mayAskOverride(policy, state, by, nowMs, whenFull);
  if (!may.ok) return may;
  const wish = openOverride(state, nowMs);
  if (wish === undefined) return { ok: false, reason: "nothing-asked" };
  return wish.by === by ? { ok: false, reason: "own-wish" } : { ok: true };
}

function isNamedAdmin(policy: Policy, state: State, by: string): OverrideVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  const identity = policy.identities.get(by);
  const isAdmin = identity !== undefined && isMemberOf(identity, policy.admins);
  return isAdmin ? { ok: true } : { ok: false, reason: "not-an-admin" };
}
