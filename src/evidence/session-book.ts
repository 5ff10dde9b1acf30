import type { EventOf, SessionId } from "../access/index.js";
import { HeadList } from "./head-list.js";

/** What the entries say of one session's recording, beside what the fold keeps. */
export interface SessionBook {
  readonly session: SessionId;
  /** Numbers of the entries in question. */
  readonly startedEntry: number;
  endedEntry?: number;
  /** Policy in force when it began. */
  readonly policy: string | undefined;
  /** Promised and not yet found. */
  readonly heads: HeadList;
}

type SessionRecordEvent = EventOf<"session.started" | "recording.head" | "session.ended">;

/** The books of all sessions: what was promised of each recording. */
export class SessionBooks {
  readonly #books = new Map<SessionId, SessionBook>();

  [Symbol.iterator](): IterableIterator<SessionBook> {
    return this.#books.values();
  }

  get(session: SessionId): SessionBook | undefined {
    return this.#books.get(session);
  }

  /** Takes an event that the fold has taken. Gives the book of a session that has ended with it. */
  note(entry: number, event: SessionRecordEvent, policy: string | undefined): SessionBook | undefined {
    const { session } = event;
    if (event.type === "session.started") {
      this.#books.set(session, { session, startedEntry: entry, policy, heads: new HeadList() });
      return undefined;
    }
    const book = this.#books.get(session);
    if (book === undefined) return undefined;
    if (event.type === "recording.head") {
      book.heads.add(event);
      return undefined;
    }
    if (event.head !== undefined) book.heads.add(event.head);
    book.endedEntry ??= entry;
    return book;
  }
}
