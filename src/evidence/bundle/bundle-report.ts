import type { EntryHistory } from "../entry-history.js";
import type { EvidenceReport } from "../evidence-report.js";
import type { Findings } from "../findings.js";
import type { RecordingsCheck } from "../recordings-check.js";
import type { SignedCheckpoint } from "../signed-checkpoint.js";

export interface BundleFindings {
  readonly findings: Findings;
  readonly history: EntryHistory;
  readonly recordings: RecordingsCheck;
  /** Entries that are proven. */
  readonly entries: number;
  /** Policy documents with the right hash. */
  readonly policies: number;
  readonly isKeyGiven: boolean;
  readonly checkpoint: SignedCheckpoint | undefined;
}

/** What was found of a bundle, as it is said of a whole ledger. */
export async function bundleReport(about: BundleFindings): Promise<EvidenceReport> {
  const { findings, history, recordings, checkpoint, entries, policies, isKeyGiven } = about;
  const verdict = await recordings.judge();
  for (const line of history.notes()) findings.note(line);
  findings.note(
    "a bundle proves what is in it; that nothing else was said of its session, only the whole ledger shows",
  );
  const { faults, notes } = findings.all();
  const { quorums, signed } = history;
  return {
    ...{ entries, policies, isKeyGiven, olderCheckpoints: 0 },
    ...(checkpoint !== undefined && signedBy(checkpoint, history.lastAtMs)),
    ...{ sessions: verdict.sessions, approvals: { quorums, signed } },
    recordings: { checked: recordings.checked, bytes: recordings.bytes },
    ...{ faults: [...faults, ...verdict.faults], notes: [...notes, ...verdict.notes] },
  };
}

function signedBy(
  { origin, size, root, by }: SignedCheckpoint,
  atMs: number | undefined,
): Pick<EvidenceReport, "checkpoint" | "witnessed"> {
  return {
    checkpoint: { origin, size, root: root.toString("base64"), ...(atMs !== undefined && { atMs }) },
    ...(by.length > 0 && { witnessed: { size, by } }),
  };
}
