import { isGrantGone, isGrantOver, type Grant, type GrantState, type SessionState } from "../access/index.js";
import { spanText, utcText } from "../wording/index.js";

/** How a grant stands now, in a word or two. */
export function grantStatus(held: GrantState, nowMs: number): string {
  const { grant, revoked } = held;
  if (revoked !== undefined) return "revoked";
  if (isGrantOver(held, nowMs)) return "ended";
  if (nowMs < grant.fromMs) return `begins ${utcText(grant.fromMs)}`;
  return `live, ${leftText(grant.untilMs - nowMs)} left`;
}

/** Whole seconds that are left: a grant ends at one, and so lasts a little longer than was asked. */
export function leftText(ms: number): string {
  return spanText(Math.floor(ms / 1000) * 1000);
}

/** `grt-…: alice on prod as root until 2026-11-21 08:30 UTC (30m)`. */
export function grantLine({ id, identity, targets, logins, fromMs, untilMs }: Grant, nowMs: number): string {
  const begin = fromMs > nowMs ? ` from ${utcText(fromMs)}` : "";
  const until = `${utcText(untilMs)} (${leftText(untilMs - Math.max(nowMs, fromMs))})`;
  return `${id}: ${identity} on ${targets.join(", ")} as ${logins.join(", ")}${begin} until ${until}`;
}

/** How a grant came about. */
export function originText({ grant: { how, approvers }, by, review }: GrantState): string {
  if (how === "approved") return `approved by ${approvers.join(", ")}`;
  if (how === "automatic") return "automatic";
  if (how === "break-glass")
    return review === undefined ? "break-glass, to be reviewed" : `break-glass, reviewed by ${review.by}`;
  return `given by ${by}`;
}

/** How a session stands now: `live`, or how it ended. */
export function sessionStatus({ ended, cut, failed }: SessionState): string {
  if (ended === undefined) return cut === undefined ? "live" : `being cut (${cut.reason})`;
  if (cut !== undefined) return `cut (${cut.reason})`;
  if (failed !== undefined) return `failed (${failed.code})`;
  return ended.outcome;
}

/** A session as programs get it; who has looked at it is not for whose session it was. */
export function sessionJson(session: SessionState): object {
  const { ended, ...rest } = { ...session, rewrapped: undefined, unsealed: undefined };
  return { ...rest, status: sessionStatus(session), isLive: ended === undefined, ...(ended && { ended }) };
}

/** A grant as programs get it. */
export function grantJson(held: GrantState, nowMs: number): object {
  const { grant, revoked, ...rest } = held;
  const leftMs = isGrantGone(held, nowMs) ? 0 : grant.untilMs - Math.max(nowMs, grant.fromMs);
  return { ...grant, ...rest, status: grantStatus(held, nowMs), leftMs, ...(revoked && { revoked }) };
}
