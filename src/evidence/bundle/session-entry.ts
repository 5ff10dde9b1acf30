import type { AccessEvent, SessionId } from "../../access/index.js";

const OF_SESSION: readonly AccessEvent["type"][] = ["session.started", "recording.head", "session.ended"];

/** The entry that says most of how far a session has come: its end, else the last head of its recording, else its start. */
export function sessionEntry<E extends { readonly event: AccessEvent }>(
  entries: readonly E[],
  session: SessionId,
): E | undefined {
  const of = entries.filter(
    ({ event }) => OF_SESSION.includes(event.type) && "session" in event && event.session === session,
  );
  return of.find(({ event }) => event.type === "session.ended") ?? of.at(-1);
}
