import { parseAccessEvent, type AccessEvent } from "../../src/access/index.js";
import { checkJournal } from "./check-journal.js";

/** A ledger as it was found on disk. */
export interface CheckedLedger {
  readonly events: readonly AccessEvent[];
  /** Sessions that began and of whose end there is no entry. */
  readonly openSessions: readonly string[];
}

/**
 * Verifies a ledger from outside, once the bascule that wrote it is gone: numbers and hashes of its entries, that each
 * is an event, and that sessions begin once, end at most once, and never end before they began.
 *
 * @param folder the database itself, such as `<home>/journal`
 * @throws LedgerError for what is damaged or missing; Error for what cannot have happened
 */
export async function checkLedger(folder: string): Promise<CheckedLedger> {
  const events: AccessEvent[] = [];
  const sessions = new Map<string, "open" | "ended">();
  await checkJournal(folder, (index, entry) => {
    const event = parseAccessEvent(entry);
    events.push(event);
    const wrong = advance(sessions, event);
    if (wrong !== undefined) throw new Error(`ledger entry ${index}, ${event.type}: ${wrong}`);
  });
  return {
    events,
    openSessions: [...sessions].flatMap(([id, standing]) => (standing === "open" ? [id] : [])),
  };
}

function advance(sessions: Map<string, "open" | "ended">, event: AccessEvent): string | undefined {
  if (event.type === "session.started") {
    if (sessions.has(event.session)) return `${event.session} has begun before`;
    sessions.set(event.session, "open");
  }
  if (event.type === "session.ended") {
    const standing = sessions.get(event.session);
    if (standing !== "open")
      return `${event.session} ${standing === undefined ? "never began" : "had ended before"}`;
    sessions.set(event.session, "ended");
  }
  return undefined;
}
