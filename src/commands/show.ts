import type { GrantState, SessionState } from "../access/index.js";
import { utcText } from "../control/index.js";
import { idPrefix, required } from "./argument.js";
import { defineCommand, type CommandContext, type CommandResult } from "./define.js";
import { grantJson, grantStatus, sessionJson, sessionStatus } from "./describe.js";
import { findGrant, findSession } from "./lookup.js";
import { bytesText, recordText } from "./table.js";

export const show = defineCommand({
  name: "show",
  summary: "Shows all there is to know about a session or a grant",
  examples: ["show ses-0f3k", "show grt-9x2m --json"],
  audience: "anyone",
  positionals: {
    id: required(idPrefix, { placeholder: "ID", summary: "ses-… or grt-…, or what begins it" }),
  },
  options: {},
  run(context, { id }) {
    return id.startsWith("grt-")
      ? showGrant(context, findGrant(context, id))
      : showSession(context, findSession(context, id));
  },
});

function showSession({ control }: CommandContext, session: SessionState): CommandResult {
  const { cut, failed, ended, head } = session;
  const reason = control.state.grants.get(session.grant)?.grant.reason;
  return {
    json: { ...sessionJson(session), reason, path: control.recordingPath(session) },
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
      ["recorded", head && `${bytesText(head.bytes)} in ${head.blocks} blocks, head ${head.hash}`],
      ["recording", control.recordingPath(session)],
    ]),
  };
}

function showGrant({ control }: CommandContext, held: GrantState): CommandResult {
  const { grant, revoked, by, issuedAtMs } = held;
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
      ["approved by", grant.approvers.join(", ") || undefined],
      ["channels", grant.channels.join(", ")],
      ["from networks", grant.sourceAddresses?.join(", ")],
      ["revoked", revoked && `by ${revoked.by} at ${utcText(revoked.atMs, "seconds")}: ${revoked.reason}`],
      ["sessions", sessions.map(({ session }) => session).join(", ") || undefined],
    ]),
  };
}
