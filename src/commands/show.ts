import { bytesText, counted, formatDuration, recordText, spanText, utcText } from "../wording/index.js";
import {
  requestDigest,
  type GrantState,
  type RequestState,
  type SessionState,
  holdsOn,
  keptFromMs,
} from "../access/index.js";
import { idPrefix, required } from "./argument.js";
import { defineCommand, type CommandContext, type CommandResult } from "./define.js";
import { grantJson, grantStatus, originText, sessionJson, sessionStatus } from "./describe.js";
import { blocksText } from "./describe-redaction.js";
import { requestJson, requestStatus, signingLine, wishText } from "./describe-request.js";
import { findRequest, findReview, findSession } from "./lookup.js";

export const show = defineCommand({
  examples: ["show ses-0f3k", "show grt-9x2m --json", "show req-7k2m"],
  audience: "anyone",
  positionals: {
    id: required(idPrefix, { placeholder: "ID", summary: "ses-…, grt-… or req-…, or what begins it" }),
  },
  options: {},
  run(context, { id }) {
    if (id.startsWith("grt-")) return showGrant(context, findReview(context, id));
    if (id.startsWith("req-")) return showRequest(context, findRequest(context, id));
    return showSession(context, findSession(context, id));
  },
});

function showSession({ control, caller }: CommandContext, session: SessionState): CommandResult {
  // where the bastion keeps its files is no business of whoever merely had a session
  const isKeeper = caller.isAdmin || caller.isAuditor;
  const path = isKeeper ? control.recordings.pathOf(session) : undefined;
  const { cut, failed, ended, head, archived, deleted, index } = session;
  const holds = isKeeper ? holdsOn(control.state, session) : [];
  const redacted = (session.redacted ?? []).map((stretch) => {
    const why = control.state.redactions.get(stretch.redaction)?.reason ?? "";
    return `${blocksText(stretch)} by ${stretch.redaction}: ${why}`;
  });
  const unsealed = (isKeeper ? (session.unsealed ?? []) : []).map(
    ({ atMs, by, for: auditor, reason: why }) =>
      `for ${auditor} by ${by} at ${utcText(atMs, "seconds")}: ${why}`,
  );
  const reason = control.state.grants.get(session.grant)?.grant.reason;
  return {
    json: {
      ...sessionJson(session),
      reason,
      ...(path !== undefined && { path }),
      ...(isKeeper && { holds, rewrapped: session.rewrapped, unsealed: session.unsealed }),
    },
    text: recordText([
      ["session", session.session],
      ["status", sessionStatus(session)],
      ["identity", session.identity],
      ["target", `${session.target} as ${session.login}`],
      ["from", session.clientAddress],
      ["started", utcText(session.startedAtMs, "seconds")],
      ["ended", ended && utcText(ended.atMs, "seconds")],
      ["until", utcText(session.untilMs, "seconds")],
      ["grant", session.grant],
      ["reason", reason],
      ["certificate", session.serial],
      ["channels", session.channels.join(", ")],
      ["cut", cut && `${cut.reason} by ${cut.by} at ${utcText(cut.atMs, "seconds")}`],
      ["failed", failed && `${failed.code}: ${failed.detail}`],
      ["recorded", head && `${bytesText(head.bytes)} in ${counted(head.blocks, "block")}, head ${head.hash}`],
      ["recording", deleted === undefined ? path : undefined],
      ["kept", retentionText(session)],
      ["archived", archived && `at ${utcText(archived.atMs, "seconds")}`],
      ["deleted", deleted && `at ${utcText(deleted.atMs, "seconds")}; its hash ${deleted.hash} stays`],
      ["search", index && `${index}; there is no search yet, so nothing is kept for it`],
      ...redacted.map((text) => ["redacted", text] as const),
      ...unsealed.map((text) => ["unsealed", text] as const),
      ...holds.map(({ hold, by, reason: why }) => ["held", `${hold} by ${by}: ${why}`] as const),
    ]),
  };
}

/** How long the recording is kept, as the session's start fixed it. */
function retentionText(session: SessionState): string {
  const { retention, ended } = session;
  if (retention === undefined) return "for ever, at hand";
  const from = (ms: number) =>
    ended === undefined
      ? `${formatDuration(ms)} from its end on`
      : `until ${utcText(keptFromMs(session) + ms)}`;
  const { atHandMs, keepMs } = retention;
  const parts = [
    ...(atHandMs === undefined ? [] : [`at hand ${from(atHandMs)}`]),
    `in all ${keepMs === undefined ? "for ever" : from(keepMs)}`,
  ];
  return parts.join(", ");
}

function showGrant({ control }: CommandContext, held: GrantState): CommandResult {
  const { grant, revoked, by, issuedAtMs, request, extensions, review } = held;
  const sessions = [...control.state.sessions.values()].filter((session) => session.grant === grant.id);
  return {
    json: { ...grantJson(held, control.nowMs), sessions: sessions.map(({ session }) => session) },
    text: recordText([
      ["grant", grant.id],
      ["status", grantStatus(held, control.nowMs)],
      ["identity", grant.identity],
      ["targets", grant.targets.join(", ")],
      ["logins", grant.logins.join(", ")],
      ["from", utcText(grant.fromMs, "seconds")],
      ["until", utcText(grant.untilMs, "seconds")],
      ["reason", grant.reason],
      ["ticket", grant.ticket],
      ["role", grant.role],
      ["issued", `by ${by} at ${utcText(issuedAtMs, "seconds")}`],
      ["came about", originText(held)],
      ["request", request],
      ...extensions.map(({ atMs, untilMs, by: who, reason: why, request: asked }) => {
        const how = asked === undefined ? "" : `, as asked in ${asked}`;
        return [
          "extended",
          `${utcText(atMs)} to ${utcText(untilMs, "seconds")} by ${who}${how}: ${why}`,
        ] as const;
      }),
      ["reviewed", review && `by ${review.by} at ${utcText(review.atMs, "seconds")}: ${review.comment}`],
      ["channels", grant.channels.join(", ")],
      ["from networks", grant.sourceAddresses?.join(", ")],
      ["revoked", revoked && `by ${revoked.by} at ${utcText(revoked.atMs, "seconds")}: ${revoked.reason}`],
      ["sessions", sessions.map(({ session }) => session).join(", ") || undefined],
    ]),
  };
}

function showRequest({ control }: CommandContext, held: RequestState): CommandResult {
  const { request, approvals, madeAtMs, outcome } = held;
  const isOpen = outcome === undefined && control.nowMs < request.lapsesAtMs;
  return {
    json: requestJson(held, control.nowMs),
    text: recordText([
      ["request", request.id],
      ["status", requestStatus(held, control.nowMs)],
      ["identity", request.identity],
      ["wish", wishText(request)],
      ["reason", request.reason],
      ["ticket", request.ticket],
      ["role", request.role],
      ["break-glass", request.breakGlass ? "yes" : undefined],
      ["asked", utcText(madeAtMs, "seconds")],
      ["lapses", isOpen ? utcText(request.lapsesAtMs, "seconds") : undefined],
      ...approvals.map(({ by, atMs, comment, durationMs, signed, presence, fingerprint }) => {
        const how = [
          signed ? `signed${presence ? " by a touched key" : ""}` : "not signed",
          ...(fingerprint === undefined ? [] : [fingerprint]),
          ...(durationMs === undefined ? [] : [`for ${spanText(durationMs)} only`]),
        ].join(", ");
        const word = comment === undefined ? "" : `: ${comment}`;
        return ["approved", `by ${by} at ${utcText(atMs, "seconds")} (${how})${word}`] as const;
      }),
      ["digest", requestDigest(request)],
      ["to approve", isOpen ? signingLine(request, control.config.name) : undefined],
    ]),
  };
}
