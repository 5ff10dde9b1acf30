import type { SessionState, State } from "../access/index.js";
import { substituteFaults, type VerifiedRecording } from "../recording/index.js";
import type { EvidenceFault, EvidenceFaultCode } from "./evidence-fault.js";
import type { RecordingFound } from "./recording-check.js";
import type { SessionBook } from "./session-book.js";

/** What became of a session's recording. */
export type SessionStanding =
  "whole" | "interrupted" | "live" | "empty" | "deleted" | "archived-elsewhere" | "wrong";

export interface SessionJudgement {
  readonly standing: SessionStanding;
  readonly faults: readonly EvidenceFault[];
}

export interface SessionCase {
  readonly session: SessionState;
  readonly book: SessionBook;
  readonly state: State;
  /** Policies that entries name. */
  readonly policies: ReadonlyMap<string, number>;
  readonly found: RecordingFound;
  /** The file, as people are shown it. */
  readonly where: string;
  /** Whether the evidence has its archive. */
  readonly hasArchive: boolean;
}

/** Holds what there is of a recording against everything that the entries say of its session. */
export function judgeSession(about: SessionCase): SessionJudgement {
  const { found, session } = about;
  if (found.kind === "missing") return judgeMissing(about);
  if (found.kind === "wrong") {
    const { code, detail, offset, isStillborn } = found;
    if (isStillborn && session.ended?.outcome !== "closed")
      return { standing: session.ended === undefined ? "live" : "empty", faults: [] };
    return wrong([fault(about, code, detail, offset)]);
  }
  const { recording } = found;
  const faults = [
    ...headerFaults(about, recording),
    ...lengthFaults(about, recording),
    ...substituteFaults(recording.substitutes, session).map(({ code, block, detail }) =>
      fault(about, code, `block ${block}: ${detail}`),
    ),
  ];
  if (faults.length > 0) return wrong(faults);
  if (session.deleted !== undefined) return { standing: "deleted", faults };
  if (session.ended === undefined) return { standing: "live", faults };
  return { standing: recording.state === "ended" ? "whole" : "interrupted", faults };
}

function judgeMissing(about: SessionCase): SessionJudgement {
  const { session, hasArchive } = about;
  if (session.deleted !== undefined) return { standing: "deleted", faults: [] };
  if (session.archived !== undefined && !hasArchive) return { standing: "archived-elsewhere", faults: [] };
  if (session.head === undefined && session.ended === undefined) return { standing: "live", faults: [] };
  // its proxy died, or gave up, before it had made the file: nothing crossed
  if (session.head === undefined && session.ended?.outcome !== "closed") return { standing: "empty", faults: [] };
  const until = session.head === undefined ? "" : `; ${session.head.bytes} bytes of it were promised`;
  return wrong([fault(about, "recording-missing", `it is missing${until}`)]);
}

function headerFaults(about: SessionCase, { header }: VerifiedRecording): EvidenceFault[] {
  const { session, state, policies } = about;
  const { identity, grant, serial, target, login, clientAddress } = session;
  const wanted = { session: session.session, identity, grant, serial, target, login, clientAddress };
  const others = Object.entries(wanted)
    .filter(([name, value]) => header[name as keyof typeof wanted] !== value)
    .map(([name]) => name);
  const given = state.grants.get(grant)?.grant;
  if (given !== undefined && header.approvers.join() !== given.approvers.join()) others.push("approvers");
  if (!policies.has(header.policy)) others.push("policy");
  if (others.length === 0) return [];
  const whose = header.session === session.session ? "" : `, it is the recording of ${header.session}`;
  const detail = `its header says another ${others.join(", ")}${whose}`;
  return [fault(about, "recording-other-session", detail)];
}

function lengthFaults(about: SessionCase, recording: VerifiedRecording): EvidenceFault[] {
  const { head, ended } = about.session;
  if (ended === undefined) return [];
  if (head === undefined) {
    const detail = `${recording.bytes} bytes, and no entry promises any`;
    return [fault(about, "recording-unpromised", detail, 0)];
  }
  if (recording.bytes > head.bytes)
    return [fault(about, "recording-beyond", `${recording.bytes - head.bytes} bytes more than were promised`, head.bytes)];
  const { torn } = recording;
  if (torn?.bytes === head.torn?.bytes && torn?.hash === head.torn?.hash) return [];
  const detail = `behind its last block are ${torn?.bytes ?? 0} bytes, not the ${head.torn?.bytes ?? 0} that were promised`;
  return [fault(about, "recording-beyond", detail, head.bytes)];
}

function wrong(faults: readonly EvidenceFault[]): SessionJudgement {
  return { standing: "wrong", faults };
}

function fault(
  { session, book, where }: SessionCase,
  code: EvidenceFaultCode,
  detail: string,
  offset?: number,
): EvidenceFault {
  const entry = book.endedEntry ?? book.startedEntry;
  return { code, where, session: session.session, entry, detail, ...(offset !== undefined && { offset }) };
}
