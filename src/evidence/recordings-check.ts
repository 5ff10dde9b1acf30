import type { SessionState } from "../access/index.js";
import type { AuditorPrivateKey } from "../recording/index.js";
import type { EntryHistory } from "./entry-history.js";
import type { EvidenceFault, EvidenceFaultCode } from "./evidence-fault.js";
import type { SessionCounts } from "./evidence-report.js";
import type { EvidenceSource } from "./evidence-source.js";
import { findRecording } from "./recording-check.js";
import type { SessionBook } from "./session-book.js";
import { judgeSession, type CheckedRecording, type SessionStanding } from "./session-judgement.js";
import { headerFault } from "./header-check.js";

/** Recordings that are read at a time: enough for a disk or a server, and few enough for anybody's memory. */
const AT_ONCE = 4;
const RECORDING_NAME = /\.bsr$/u;
/** What an entry that cannot be read may explain: where there is one, these are no fault of the recording's. */
const EXPLAINABLE: ReadonlySet<EvidenceFaultCode> = new Set([
  ...(["recording-unpromised", "recording-beyond", "substitute-unknown"] as const),
]);

export interface RecordingsOptions {
  readonly source: EvidenceSource;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly auditorKeys: readonly AuditorPrivateKey[];
  /** One more was read. */
  readonly onChecked?: () => void;
}

/** What all recordings came to. */
export interface RecordingsVerdict {
  readonly sessions: SessionCounts;
  readonly faults: readonly EvidenceFault[];
  readonly notes: readonly string[];
}

/**
 * Reads the recordings of sessions: each when the walk comes by its session's end, so that what was promised of it need not be
 * kept, and those that have none at the end. Judged is at the end, when all entries about them are known.
 */
export class RecordingsCheck {
  readonly #history: EntryHistory;
  readonly #options: RecordingsOptions;
  readonly #found = new Map<string, CheckedRecording>();
  readonly #running = new Set<Promise<void>>();
  #waiting: SessionBook[] = [];
  checked = 0;
  bytes = 0;
  #unopened = 0;

  constructor(history: EntryHistory, options: RecordingsOptions) {
    [this.#history, this.#options] = [history, options];
  }

  /** A session has ended, and its recording can be read. */
  onEnded(book: SessionBook): void {
    this.#waiting.push(book);
  }

  /** Begins with what waits; resolves when no more than a few are still being read. */
  async work(): Promise<void> {
    for (const book of this.#waiting.splice(0)) {
      if (!this.#isAskedFor(book)) continue;
      while (this.#running.size >= AT_ONCE) await Promise.race(this.#running);
      const reading = this.#read(book).finally(() => this.#running.delete(reading));
      reading.catch(() => undefined); // it is heard by whoever waits for it
      this.#running.add(reading);
    }
  }

  /** Reads those that are left: of live sessions, and of those that were found wrong before. */
  async finish(): Promise<void> {
    await this.work();
    await Promise.all(this.#running);
    for (const book of this.#history.books) if (!this.#found.has(book.session)) this.#waiting.push(book);
    await this.work();
    await Promise.all(this.#running);
  }

  /** Forgets the recordings of these sessions, so that they are read once more. */
  forget(sessions: ReadonlySet<string>): void {
    for (const session of sessions) this.#found.delete(session);
  }

  async judge(): Promise<RecordingsVerdict> {
    const faults: EvidenceFault[] = [];
    const unclear: string[] = [];
    const standings = new Map<SessionStanding, number>();
    let [total, redacted, archived] = [0, 0, 0];
    for (const book of this.#history.books) {
      const session = this.#history.state.sessions.get(book.session);
      const found = this.#found.get(book.session);
      if (session === undefined || found === undefined) continue;
      const { hasArchive } = this.#options.source;
      const where = this.#options.source.show(this.#pathOf(session));
      const judged = judgeSession({ session, book, found, where, hasArchive });
      const isUnclear = !this.#history.isWhole && judged.faults.every(({ code }) => EXPLAINABLE.has(code));
      if (isUnclear) unclear.push(...judged.faults.map((fault) => fault.where));
      else faults.push(...judged.faults);
      standings.set(judged.standing, (standings.get(judged.standing) ?? 0) + 1);
      total += 1;
      if ((session.redacted?.length ?? 0) > 0) redacted += 1;
      if (session.archived !== undefined) archived += 1;
    }
    faults.push(...(await this.#strangers()));
    const of = (standing: SessionStanding) => standings.get(standing) ?? 0;
    const sessions = {
      ...{ total, wrong: of("wrong"), whole: of("whole"), interrupted: of("interrupted"), live: of("live") },
      ...{ empty: of("empty"), deleted: of("deleted"), archived, redacted },
    };
    return { sessions, faults, notes: this.#notes(of("archived-elsewhere"), unclear) };
  }

  async #read(book: SessionBook): Promise<void> {
    const session = this.#history.state.sessions.get(book.session);
    if (session === undefined) return;
    const { source, auditorKeys } = this.#options;
    const promised = [...book.heads.all(), ...(book.heads.last === undefined ? [] : [book.heads.last])];
    const found = await findRecording(source, this.#pathOf(session), promised, {
      keys: auditorKeys,
      endBytes: session.ended && session.head?.bytes,
    });
    if (found.kind !== "whole") {
      this.#found.set(book.session, found);
      return;
    }
    const { header, ...recording } = found.recording; // there may be a million of them
    const { state, policies, isWhole } = this.#history;
    this.#found.set(book.session, {
      ...{ kind: "whole", recording },
      headerFault: headerFault(header, session, state, isWhole ? policies : undefined),
    });
    book.heads.found();
    this.checked += 1;
    this.bytes += found.recording.bytes;
    this.#options.onChecked?.();
    if (auditorKeys.length > 0 && !found.isOpened) this.#unopened += 1;
  }

  #pathOf({ archived, recording }: SessionState): string {
    return archived !== undefined && this.#options.source.hasArchive
      ? `archive/${archived.path}`
      : `recordings/${recording}`;
  }

  /** Whether a session lies in the time that was asked about. */
  #isAskedFor({ session }: SessionBook): boolean {
    const { sinceMs = -Infinity, untilMs = Infinity } = this.#options;
    const state = this.#history.state.sessions.get(session);
    if (state === undefined) return false;
    return state.startedAtMs < untilMs && (state.ended?.atMs ?? Infinity) >= sinceMs;
  }

  /** Recordings that no entry speaks of. While entries cannot be read, nobody can tell. */
  async #strangers(): Promise<EvidenceFault[]> {
    if (!this.#history.isWhole) return [];
    const { source } = this.#options;
    const known = new Set<string>();
    for (const { recording, archived } of this.#history.state.sessions.values()) {
      known.add(`recordings/${recording}`);
      known.add(`archive/${archived?.path ?? recording}`); // the copy is there before the entry
    }
    const folders = source.hasArchive ? ["recordings", "archive"] : ["recordings"];
    const lists = await Promise.all(folders.map((folder) => source.list(folder)));
    return lists
      .flatMap((list) => list ?? [])
      .filter((path) => RECORDING_NAME.test(path) && !known.has(path))
      .sort()
      .map((path) => ({
        ...{ code: "recording-unknown", where: source.show(path) },
        detail: "no entry speaks of this recording",
      }));
  }

  #notes(elsewhere: number, unclear: readonly string[]): string[] {
    return [
      ...unclear.map((where) => `${where}: not judged, for it takes entries that cannot be read`),
      ...(elsewhere > 0
        ? [`${elsewhere} recordings are in an archive that is not here; they were not checked`]
        : []),
      ...(this.#unopened > 0
        ? [`${this.#unopened} recordings are not sealed to the key that was given`]
        : []),
    ];
  }
}
