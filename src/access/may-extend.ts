import { REQUEST_TEXT_CHARS_MAX } from "./access-request.js";
import { canBeApproved } from "./approvers-of.js";
import { fitsWithGrant } from "./event-size.js";
import { isGrantOver } from "./grant-over.js";
import type { RequestId } from "./id.js";
import { lockedBy, lockOnAny, type Locked } from "./lock-on.js";
import { floodFault, waitingOf, type RequestLimits } from "./may-request.js";
import type { Policy, Role } from "./policy.js";
import { scopeFaultOfAll } from "./still-given.js";
import type { GrantState, State } from "./state.js";

/** More time, from the end that the grant has now. */
export interface ExtendAsk {
  readonly by: string;
  readonly durationMs: number;
  readonly reason: string;
}

export type ExtendDenial =
  | "locked"
  | "not-yours"
  | "grant-revoked"
  | "grant-ended"
  | "role-withdrawn"
  | "role-narrowed"
  | "bad-duration"
  | "reason-missing"
  | "text-too-long"
  | "duration-too-long" // from now to the new end would be more than the role's longest
  | "already-asked"
  | "too-many-open"
  | "too-many-lately"
  | "nobody-can-approve";

export type ExtendVerdict =
  | {
      readonly ok: true;
      /** `self`: at once, by the holder. `request`: when the role's approvals are there, which may be at once too. */
      readonly kind: "self" | "request";
      readonly role: Role;
      /** The new end, a whole second; of a request: if nobody shortens it. */
      readonly untilMs: number;
    }
  | Locked
  | {
      readonly ok: false;
      readonly reason: Exclude<ExtendDenial, "locked">;
      /** For people. */
      readonly detail?: string;
      /** The longest that could be had now, if there is any. */
      readonly maxDurationMs?: number;
      /** The one that waits (`already-asked`). */
      readonly request?: RequestId;
    };

type Denied = Exclude<ExtendVerdict, { ok: true } | Locked>;

/** Whether the holder of a live grant may have it last longer, and whether they must ask for it. */
export function mayExtend(
  policy: Policy,
  state: State,
  held: GrantState,
  ask: ExtendAsk,
  limits: RequestLimits,
  nowMs: number,
): ExtendVerdict {
  const { grant } = held;
  const lock = lockOnAny(state, ask.by, grant.targets);
  if (lock !== undefined) return lockedBy(lock);
  if (ask.by !== grant.identity) return denied("not-yours");
  const over = overFault(held, nowMs);
  if (over !== undefined) return over;
  const wrong = askFault(ask);
  if (wrong !== undefined) return denied(wrong);
  const role = policy.roles.get(grant.role);
  if (role === undefined) return denied("role-withdrawn");
  const narrowed = scopeFaultOfAll(policy, role, grant);
  if (narrowed !== undefined) return { ...denied("role-narrowed"), detail: narrowed };
  const maxDurationMs = Math.max(0, role.maxDurationMs - (grant.untilMs - nowMs));
  if (ask.durationMs > maxDurationMs) return { ...denied("duration-too-long"), maxDurationMs };
  const untilMs = extendedUntil(grant.untilMs, ask.durationMs);
  if (mayByThemselves(held, role, ask)) return { ok: true, kind: "self", role, untilMs };
  return (
    askingFault(policy, state, held, role, ask, limits, nowMs) ?? { ok: true, kind: "request", role, untilMs }
  );
}

/** When a grant that ends at `untilMs` ends after an extension: at a whole second, as certificates do. */
export function extendedUntil(untilMs: number, durationMs: number): number {
  return Math.ceil((untilMs + durationMs) / 1000) * 1000;
}

function overFault(held: GrantState, nowMs: number): Denied | undefined {
  const { revoked } = held;
  if (revoked !== undefined) return { ...denied("grant-revoked"), detail: revoked.reason };
  return isGrantOver(held, nowMs) ? denied("grant-ended") : undefined;
}

function askFault({
  durationMs,
  reason,
}: ExtendAsk): "bad-duration" | "reason-missing" | "text-too-long" | undefined {
  if (!Number.isSafeInteger(durationMs) || durationMs <= 0) return "bad-duration";
  if (reason.trim() === "") return "reason-missing";
  return reason.length > REQUEST_TEXT_CHARS_MAX ? "text-too-long" : undefined;
}

/** Once, and for no longer than the role says. */
function mayByThemselves({ extensions }: GrantState, role: Role, { durationMs }: ExtendAsk): boolean {
  const isFirst = extensions.every(({ request }) => request !== undefined);
  return isFirst && role.selfExtensionMs !== undefined && durationMs <= role.selfExtensionMs;
}

function askingFault(
  policy: Policy,
  state: State,
  { grant }: GrantState,
  role: Role,
  ask: ExtendAsk,
  limits: RequestLimits,
  nowMs: number,
): Denied | undefined {
  if (!canBeApproved(policy, role.approvals, ask.by, state)) return denied("nobody-can-approve");
  const { id, identity, targets, logins } = grant;
  const { durationMs, reason } = ask;
  const asked = {
    ...{ identity, targets, logins, durationMs, reason, role: role.name },
    ...{ needs: role.approvals, breakGlass: false, extends: id },
  };
  if (!fitsWithGrant(asked, role)) return denied("text-too-long");
  const waiting = waitingOf(state, ask.by, nowMs);
  const same = waiting.find(({ request }) => request.extends === id);
  if (same !== undefined) return { ...denied("already-asked"), request: same.request.id };
  const flood = floodFault(state, ask.by, waiting.length, limits, nowMs);
  return flood && denied(flood);
}

function denied(reason: Denied["reason"]): Denied {
  return { ok: false, reason };
}
