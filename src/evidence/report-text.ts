import { cleanText } from "../access/index.js";
import { bytesText, counted, linesText, recordText, utcText } from "../wording/index.js";
import type { EvidenceFault } from "./evidence-fault.js";
import type { EvidenceReport } from "./evidence-report.js";

/** Of one fault. */
const FAULT_CHARS_MAX = 600;

/** What a verification found, for people: the faults one a line, then what was counted, then the verdict. */
export function evidenceText(report: EvidenceReport): string {
  const { faults } = report;
  const verdict =
    faults.length === 0
      ? "everything that was checked is whole and unchanged"
      : `${counted(faults.length, "fault")}: this evidence is not whole, or was changed`;
  return (
    linesText(faults.map((fault) => `WRONG  ${faultText(fault)}`)) +
    recordText(summary(report)) +
    linesText([verdict])
  );
}

/** The same for programs; docs/verify.md keeps it stable. */
export function evidenceJson(report: EvidenceReport): object {
  return { ok: report.faults.length === 0, ...report };
}

function summary(report: EvidenceReport): (readonly [string, string | undefined])[] {
  const { checkpoint, sessions, recordings, approvals, policies, olderCheckpoints } = report;
  const last = checkpoint?.atMs === undefined ? "" : `, the last of ${utcText(checkpoint.atMs, "seconds")}`;
  return [
    ["ledger", `${counted(report.entries, "entry", "entries")}${last}`],
    [
      "signed",
      checkpoint &&
        `by ${cleanText(checkpoint.origin)}${report.isKeyGiven ? "" : ", by a key that came with it"}`,
    ],
    ["witnessed", witnessedText(report)],
    [
      "older",
      olderCheckpoints === 0 ? undefined : `${counted(olderCheckpoints, "older checkpoint")} compared`,
    ],
    ["sessions", sessionsText(sessions)],
    ["recordings", `${recordings.checked} checked, ${bytesText(recordings.bytes)}`],
    ["approvals", `${counted(approvals.quorums, "quorum")}, ${approvals.signed} signed`],
    ["policies", String(policies)],
  ];
}

function witnessedText({ witnessed, checkpoint }: EvidenceReport): string | undefined {
  if (checkpoint === undefined) return undefined;
  if (witnessed === undefined) return "by nobody: whoever holds the log's key could have written it anew";
  const by = witnessed.by.map(
    ({ name, atMs, isGiven }) =>
      `${cleanText(name)} at ${utcText(atMs, "seconds")}${isGiven ? "" : " (its key came with it)"}`,
  );
  const rest = checkpoint.size - witnessed.size;
  const since =
    rest <= 0
      ? "all of it"
      : `the first ${counted(witnessed.size, "entry", "entries")}, not the last ${rest}`;
  return `${since}: ${by.join(", ")}`;
}

function sessionsText({ total, ...counts }: EvidenceReport["sessions"]): string {
  const parts = Object.entries(counts).flatMap(([name, count]: [string, number]) =>
    count === 0 ? [] : `${count} ${name}`,
  );
  return parts.length === 0 ? String(total) : `${total}: ${parts.join(", ")}`;
}

/** `attacker-controlled:` names and details come out of files that nothing vouches for. */
function faultText({ code, where, offset, entry, session, detail }: EvidenceFault): string {
  const place = [
    ...(offset === undefined ? [] : [`byte ${offset}`]),
    ...(entry === undefined ? [] : [`entry ${entry}`]),
    ...(session === undefined ? [] : [session]),
  ];
  return cleanText(`${where}  ${code}: ${[...place, detail].join(", ")}`, FAULT_CHARS_MAX);
}
