import { requestDigest, type AccessRequest, type SessionState } from "../access/index.js";
import type { News, Notice } from "./news.js";
import { approveLine, storyOf } from "./story.js";

/** The JSON body of a `standard` message (docs/webhooks.md): `{type, timestamp, data}` as Standard Webhooks 1.0.0 has it. */
export function standardBody(notice: Notice): string {
  const { atMs, bastion, entry, news } = notice;
  const data = { bastion, entry, summary: storyOf(notice).headline, ...dataOf(news, bastion) };
  return JSON.stringify({ type: news.type, timestamp: new Date(atMs).toISOString(), data });
}

function dataOf(news: News, bastion: string): object {
  const { type: _, ...rest } = news;
  switch (news.type) {
    case "request.made":
      return { ...rest, ...requestData(news.request), approve: approveLine(news.request, bastion) };
    case "request.approved":
    case "request.denied":
    case "request.cancelled":
    case "request.lapsed":
      return { ...rest, ...requestData(news.request) };
    case "session.cut":
    case "recording.failed":
      return { ...rest, session: sessionData(news.session) };
    case "lock.set":
    case "lock.lifted": {
      const { subject, by, reason } = news;
      return { lock: subject, by, reason };
    }
    default:
      return rest;
  }
}

function requestData(request: AccessRequest): object {
  return { request, digest: requestDigest(request) };
}

/** What a receiver needs to know; where the recording lies is not among it. */
function sessionData(session: SessionState): object {
  const { identity, grant, target, login, clientAddress, startedAtMs, untilMs } = session;
  return { id: session.session, identity, grant, target, login, clientAddress, startedAtMs, untilMs };
}
