import { requestDigest, type AccessRequest, type SessionState } from "../access/index.js";
import type { News, NewsType, Notice } from "./news.js";
import { approveLine, waitsForApproval, storyOf } from "./story.js";

/** The JSON body of a `standard` message (docs/webhooks.md): `{type, timestamp, data}` as Standard Webhooks 1.0.0 has it. */
export function standardBody(notice: Notice): string {
  const { atMs, bastion, entry, news } = notice;
  const { type, ...about } = dataOf(news, bastion);
  const data = { bastion, entry, summary: storyOf(notice).headline, ...about };
  return JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data });
}

function dataOf(
  news: News,
  bastion: string,
): { readonly type: NewsType; readonly [member: string]: unknown } {
  switch (news.type) {
    case "request.made":
      return {
        ...news,
        ...requestData(news.request),
        // what let itself in by break-glass, or needs nobody, waits for no approval
        ...(waitsForApproval(news.request) && { approve: approveLine(news.request, bastion) }),
      };
    case "request.approved":
    case "request.denied":
    case "request.cancelled":
    case "request.lapsed":
      return { ...news, ...requestData(news.request) };
    case "session.cut":
    case "recording.failed":
      return { ...news, session: sessionData(news.session) };
    case "lock.set":
    case "lock.lifted": {
      const { type, subject, by, reason } = news;
      return { type, lock: subject, by, reason };
    }
    default:
      return { ...news };
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
