import {
  approversOf,
  mayReview,
  missingApprovals,
  redactorsBut,
  type AccessEvent,
  type AccessRequest,
  type EventOf,
  type GrantId,
  type Policy,
  type State,
} from "../access/index.js";
import type { EditNews, GrantNews, News, RequestNews, SessionNews } from "./news.js";

/**
 * What an event is to people; undefined for one that is only bookkeeping. `state` has it folded in already, so that what
 * it names is there.
 */
export function newsOf(event: AccessEvent, state: State, policy: Policy): News | undefined {
  switch (event.type) {
    case "request.made":
    case "request.approved":
    case "request.denied":
    case "request.cancelled":
    case "request.lapsed":
      return requestNews(event, state, policy);
    case "grant.issued":
      return issuedNews(event, state, policy);
    case "grant.extended":
    case "grant.reviewed":
    case "grant.revoked":
      return changedGrantNews(event, state);
    case "certificate.revoked": {
      const { type, serial, fingerprint, by, reason } = event;
      const identity = serial === undefined ? undefined : state.certificates.get(serial)?.identity;
      const what = serial === undefined ? { fingerprint: fingerprint ?? "" } : { serial };
      return { type, ...what, ...(identity !== undefined && { identity }), by, reason };
    }
    case "session.cut":
    case "session.failed":
      return sessionNews(event, state);
    case "lock.set":
    case "lock.lifted": {
      const { type, kind, name, by, reason } = event;
      return { type, subject: { kind, name }, by, reason };
    }
    case "redaction.asked":
    case "redaction.approved":
    case "redaction.denied":
    case "redaction.lapsed":
    case "recording.redacted":
      return redactionNews(event, state, policy);
    case "recording.rewrapped":
    case "recording.unsealed":
    case "hold.set":
    case "hold.lifted":
    case "disk.state":
    case "disk.override.asked":
    case "disk.override.given":
    case "disk.override.ended":
    case "witness.refused":
      return event;
    default:
      return undefined;
  }
}

type RequestEvent = EventOf<
  "request.made" | "request.approved" | "request.denied" | "request.cancelled" | "request.lapsed"
>;

function requestNews(event: RequestEvent, state: State, policy: Policy): RequestNews | undefined {
  if (event.type === "request.made")
    return { type: event.type, request: event.request, approvers: waitedFor(event.request, policy) };
  const held = state.requests.get(event.request);
  if (held === undefined) return undefined;
  const { request, approvals } = held;
  switch (event.type) {
    case "request.approved": {
      const { type, by, durationMs, comment, evidence, presence } = event;
      const missing = missingApprovals(request.needs, approvals, request.identity);
      return {
        ...{ type, request, by, signed: evidence !== undefined, presence, missing },
        ...(durationMs !== undefined && { durationMs }),
        ...(comment !== undefined && { comment }),
      };
    }
    case "request.denied":
      return { type: event.type, request, by: event.by, reason: event.reason };
    case "request.cancelled": {
      const { type, by, reason } = event;
      return { type, request, by, ...(reason !== undefined && { reason }) };
    }
    case "request.lapsed":
      return { type: event.type, request };
  }
}

function waitedFor(request: AccessRequest, policy: Policy): readonly string[] {
  return request.breakGlass ? [] : approversOf(policy, request, request.identity);
}

function issuedNews(
  { grant, by, request }: EventOf<"grant.issued">,
  state: State,
  policy: Policy,
): GrantNews {
  const asked = request !== undefined && { request };
  if (grant.how !== "break-glass") return { type: "grant.issued", grant, by, ...asked };
  return { type: "grant.break-glass", grant, by, ...asked, reviewers: reviewersOf(grant.id, state, policy) };
}

/** Those who may close the review once the grant is over. */
function reviewersOf(id: GrantId, state: State, policy: Policy): readonly string[] {
  const held = state.grants.get(id);
  if (held === undefined) return [];
  const names = [...policy.identities.keys()].sort();
  return names.filter((name) => mayReview(policy, state, held, name, held.grant.untilMs).ok);
}

function changedGrantNews(
  event: EventOf<"grant.extended" | "grant.reviewed" | "grant.revoked">,
  state: State,
): GrantNews | undefined {
  const grant = state.grants.get(event.grant)?.grant;
  if (grant === undefined) return undefined;
  const { by } = event;
  switch (event.type) {
    case "grant.extended": {
      const { type, reason, request } = event;
      return { type, grant, by, reason, ...(request !== undefined && { request }) };
    }
    case "grant.reviewed":
      return { type: event.type, grant, by, comment: event.comment };
    case "grant.revoked":
      return { type: event.type, grant, by, reason: event.reason };
  }
}

/** A session that failed for another reason than its recording concerns nobody but who opened it. */
function sessionNews(
  event: EventOf<"session.cut" | "session.failed">,
  state: State,
): SessionNews | undefined {
  const session = state.sessions.get(event.session);
  if (session === undefined) return undefined;
  if (event.type === "session.cut") return { type: event.type, session, reason: event.reason, by: event.by };
  const { code, detail } = event;
  return code.startsWith("recording-") ? { type: "recording.failed", session, code, detail } : undefined;
}

type RedactionEvent = EventOf<
  "redaction.asked" | "redaction.approved" | "redaction.denied" | "redaction.lapsed" | "recording.redacted"
>;

function redactionNews(event: RedactionEvent, state: State, policy: Policy): EditNews | undefined {
  const held = state.redactions.get(event.redaction);
  if (held === undefined) return undefined;
  const { redaction, session, from, to, reason, by: askedBy, outcome } = held;
  const about = { redaction, session, blocks: [from, to], reason, askedBy } as const;
  switch (event.type) {
    case "redaction.asked":
      return { type: event.type, ...about, approvers: redactorsBut(policy, askedBy) };
    case "redaction.approved":
      return { type: event.type, ...about, by: event.by };
    case "redaction.denied":
      return { type: event.type, ...about, by: event.by, denial: event.reason };
    case "redaction.lapsed":
      return { type: event.type, ...about };
    case "recording.redacted":
      return { type: event.type, ...about, approvedBy: outcome?.kind === "approved" ? outcome.by : "" };
  }
}
