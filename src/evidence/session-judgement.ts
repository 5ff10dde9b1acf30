import type { SessionState } from "../access/index.js";
import { substituteFaults, type VerifiedRecording } from "../recording/index.js";
import type { EvidenceFault, EvidenceFaultCode } from "./evidence-fault.js";
import type { RecordingFound } from "./recording-check.js";
import type { SessionBook } from "./session-book.js";

/** What became of a session's recording. */
export type SessionStanding =
  "whole" | "interrupted" | "live" | "empty" | "deleted" | "archived-elsewhere" | "wrong";

/** What was found of a recording, without its header, of which only a fault is kept. */
export type CheckedRecording =
  | Exclude<RecordingFound, { kind: "whole" }>
  | {
      readonly kind: "whole";
      readonly recording: Omit<VerifiedRecording, "header">;
      readonly headerFault: string | undefined;
    };

export interface SessionJudgement {
  readonly standing: SessionStanding;
  readonly faults: readonly EvidenceFault[];
}

export interface SessionCase {
  readonly session: SessionState;
  readonly book: SessionBook;
  readonly found: CheckedRecording;
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
  const { recording, headerFault } = found;
  const faults = [
    ...(headerFault === undefined ? [] : [fault(about, "recording-other-session", headerFault)]),
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
  if (session.head === undefined && session.ended?.outcome !== "closed")
    return { standing: "empty", faults: [] };
  const until = session.head === undefined ? "" : `; ${session.head.bytes} bytes of it were promised`;
  return wrong([fault(about, "recording-missing", `it is missing${until}`)]);
}

function lengthFaults(about: SessionCase, recording: Omit<VerifiedRecording, "header">): EvidenceFault[] {
  const { head, ended } = about.session;
  if (ended === undefined) return [];
  if (head === undefined) {
    const detail = `${recording.bytes} bytes, and no entry promises any`;
    return [fault(about, "recording-unpromised", detail, 0)];
  }
  if (recording.bytes > head.bytes)
    return [
      fault(
        about,
        "recording-beyond",
        `${recording.bytes - head.bytes} bytes more than were promised`,
        head.bytes,
      ),
    ];
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
