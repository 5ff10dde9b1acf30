import type { EntryHistory } from "../entry-history.js";
import type { Findings } from "../findings.js";
import type { TimedEntry } from "./clock-book.js";
import type { WitnessTimes } from "./witness-times.js";

/** An entry that says a time at which it was not written. */
interface Disproved {
  readonly entry: number;
  readonly session: string;
  readonly detail: string;
}

/** How far a witness' clock may be from the bastion's without a word: as far as the bastion itself takes for the same time. */
const CLOCKS_APART_MS = 10 * 60_000;

/**
 * Holds the entries' times against those of witnesses. A clock that was wrong is worth a note; what only a wrong clock has allowed is
 * a fault: a recording that was deleted before its time, and a session after its grant's end.
 */
export function judgeClocks(
  history: EntryHistory,
  times: WitnessTimes,
  findings: Findings,
  whereOf: (index: number) => string,
): void {
  noteAhead(history, times, findings);
  noteBehind(history, times, findings);
  for (const fault of [...deletedTooEarly(history, times), ...begunTooLate(history, times)])
    findings.fault({ code: "time-disproved", where: whereOf(fault.entry), ...fault });
}

/** Entries that say a later time than that at which a witness had them. */
function noteAhead({ clocks }: EntryHistory, times: WitnessTimes, findings: Findings): void {
  const ahead = clocks.forward.flatMap((entry) => {
    const seen = times.latest(entry.index);
    return seen !== undefined && isDisproved(entry, seen.atMs) ? [{ ...entry, seen }] : [];
  });
  const [first] = ahead;
  const last = ahead.at(-1);
  if (first === undefined || last === undefined) return;
  const worst = ahead.reduce((a, b) => (b.atMs - b.seen.atMs > a.atMs - a.seen.atMs ? b : a));
  findings.note(
    `the clock was ahead between entries ${first.index} and ${last.index}: ${worst.seen.name} had entry ${worst.index} by ${utc(worst.seen.atMs)}, which says ${utc(worst.atMs)}`,
  );
}

/** Entries that say an earlier time than what they have of a witness. */
function noteBehind({ clocks }: EntryHistory, times: WitnessTimes, findings: Findings): void {
  const behind = clocks.claims.flatMap((entry) => {
    const seen = times.earliest(entry.index);
    return seen !== undefined && entry.atMs + CLOCKS_APART_MS < seen.atMs ? [{ ...entry, seen }] : [];
  });
  const [first] = behind;
  const last = behind.at(-1);
  if (first === undefined || last === undefined) return;
  findings.note(
    `the clock was behind between entries ${first.index} and ${last.index}: entry ${first.index} says ${utc(first.atMs)}, and has the word of ${first.seen.name} of ${utc(first.seen.atMs)}`,
  );
}

/**
 * A deletion is too early when even the longest time that can have gone by since the session's end is less than what it was to be
 * kept. The end's own time counts as long as no witness disproves it.
 */
function deletedTooEarly({ clocks, books, state }: EntryHistory, times: WitnessTimes): Disproved[] {
  return clocks.deletions.flatMap(({ index, session: id }) => {
    const session = state.sessions.get(id);
    const endedEntry = books.get(id)?.endedEntry;
    const keepMs = session?.retention?.keepMs;
    const gone = times.latest(index);
    if (session?.ended === undefined || endedEntry === undefined) return [];
    if (keepMs === undefined || gone === undefined) return [];
    const endedMs = earliestMs({ index: endedEntry, atMs: session.ended.atMs }, times);
    if (endedMs === undefined || gone.atMs + CLOCKS_APART_MS >= endedMs + keepMs) return [];
    const detail = `${id} was to be kept until ${utc(endedMs + keepMs)}, and ${gone.name} had this entry by ${utc(gone.atMs)}: the bastion's clock was ahead`;
    return [{ entry: index, session: id, detail }];
  });
}

/** A session begins too late when even the shortest time that can have gone by is more than its grant lasted. */
function begunTooLate({ clocks, books, state }: EntryHistory, times: WitnessTimes): Disproved[] {
  return [...books].flatMap(({ session: id, startedEntry }) => {
    const begun = times.earliest(startedEntry);
    const session = state.sessions.get(id);
    const granted = session && clocks.grants.get(session.grant);
    if (begun === undefined || granted === undefined) return [];
    const givenMs = latestMs(granted, times);
    if (givenMs === undefined) return [];
    const endMs = givenMs + granted.untilMs - granted.atMs;
    if (begun.atMs <= endMs + CLOCKS_APART_MS) return [];
    const detail = `${id} began after ${utc(begun.atMs)}, by the word of ${begun.name} before it, and its grant ended ${utc(endMs)}: the bastion's clock was behind`;
    return [{ entry: startedEntry, session: id, detail }];
  });
}

/** The earliest time at which an entry can have been written; undefined when its own is wrong and nobody says another. */
function earliestMs(entry: TimedEntry, times: WitnessTimes): number | undefined {
  const earliest = times.earliest(entry.index)?.atMs;
  if (isDisproved(entry, times.latest(entry.index)?.atMs)) return earliest;
  return Math.max(entry.atMs, earliest ?? -Infinity);
}

/** The latest. */
function latestMs({ index, atMs }: TimedEntry, times: WitnessTimes): number | undefined {
  const [earliest, latest] = [times.earliest(index)?.atMs, times.latest(index)?.atMs];
  const isBehind = earliest !== undefined && atMs + CLOCKS_APART_MS < earliest;
  return isBehind ? latest : atMs;
}

function isDisproved({ atMs }: TimedEntry, seenMs: number | undefined): boolean {
  return seenMs !== undefined && atMs > seenMs + CLOCKS_APART_MS;
}

function utc(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
