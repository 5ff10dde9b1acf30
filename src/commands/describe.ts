import type { GrantState, SessionState } from "../access/index.js";
import { spanText, utcText } from "../control/index.js";

/** How a grant stands now, in a word or two. */
export function grantStatus({ grant, revoked }: GrantState, nowMs: number): string {
  if (revoked !== undefined) return "revoked";
  if (nowMs >= grant.untilMs) return "ended";
  if (nowMs < grant.fromMs) return `begins ${utcText(grant.fromMs)}`;
  return `live, ${spanText(grant.untilMs - nowMs)} left`;
}

/** How a session stands now: `live`, or how it ended. */
export function sessionStatus({ ended, cut, failed }: SessionState): string {
  if (ended === undefined) return cut === undefined ? "live" : `being cut (${cut.reason})`;
  if (cut !== undefined) return `cut (${cut.reason})`;
  if (failed !== undefined) return `failed (${failed.code})`;
  return ended.outcome;
}

/** A session as programs get it. */
export function sessionJson(session: SessionState): object {
  const { ended, ...rest } = session;
  return { ...rest, status: sessionStatus(session), isLive: ended === undefined, ...(ended && { ended }) };
}

/** A grant as programs get it. */
export function grantJson(held: GrantState, nowMs: number): object {
  const { grant, issuedAtMs, by, revoked } = held;
  return { ...grant, issuedAtMs, by, status: grantStatus(held, nowMs), ...(revoked && { revoked }) };
}
