import { isHeld } from "./may-lift.js";
import type { SessionState, State } from "./state.js";

export type DeletionDenial =
  | "live"
  | "deleted-before"
  | "kept-for-ever" // nothing was said at its start about an end
  | "not-yet" // `dueAtMs` is when
  | "held";

export type DeletionVerdict =
  { readonly ok: true } | { readonly ok: false; readonly reason: DeletionDenial; readonly dueAtMs?: number };

/** Whether a session's recording may be deleted at `nowMs`, by what its start says and the holds in force. */
export function mayDelete(state: State, session: SessionState, nowMs: number): DeletionVerdict {
  if (session.deleted !== undefined) return { ok: false, reason: "deleted-before" };
  if (session.ended === undefined) return { ok: false, reason: "live" };
  const keepMs = session.retention?.keepMs;
  if (keepMs === undefined) return { ok: false, reason: "kept-for-ever" };
  const dueAtMs = keptFromMs(session) + keepMs;
  if (nowMs < dueAtMs) return { ok: false, reason: "not-yet", dueAtMs };
  return isHeld(state, session) ? { ok: false, reason: "held" } : { ok: true };
}

/** Whether a session's recording may leave for the archive at `nowMs`. A hold does not matter: it stays as it is. */
export function mayArchive(session: SessionState, nowMs: number): boolean {
  const { ended, archived, deleted, retention } = session;
  if (ended === undefined || archived !== undefined || deleted !== undefined) return false;
  return retention?.atHandMs !== undefined && nowMs >= keptFromMs(session) + retention.atHandMs;
}

/** From when on a recording's time counts: its session's end, or its start where the clock was set back meanwhile and says that it ended before. */
export function keptFromMs({ startedAtMs, ended }: Pick<SessionState, "startedAtMs" | "ended">): number {
  return Math.max(startedAtMs, ended?.atMs ?? startedAtMs);
}
