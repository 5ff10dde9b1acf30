import {
  EvidenceError,
  homeSource,
  rootOfEntries,
  verifyEvidence,
  type EvidenceReport,
  evidenceJson,
  evidenceText,
} from "../evidence/index.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext } from "./define.js";
import { EXIT } from "./exit-status.js";

/** Entries for which the journal is read as well: some seconds' worth. */
const JOURNAL_ENTRIES_MAX = 200_000;

export const verify = defineCommand({
  examples: ["verify", "verify --json"],
  audience: "auditors",
  positionals: {},
  options: {},
  async run({ control, note, signal }) {
    const { recordings, archive } = control.config;
    const source = homeSource({ home: control.paths.home, recordings, archive });
    // what keeps it from a checkpoint is for doctor to say; what there is can be verified
    const refresh = () => control.ledger.proof.publish().catch(() => undefined);
    const found = await verifyEvidence(source, { refresh, signal }).catch(asFailure);
    const report = await withJournal(control, found);
    for (const line of report.notes) note(line);
    return {
      text: evidenceText(report),
      json: evidenceJson(report),
      notes: [
        "this is the bastion's own word; with the files and the log's key anybody can check: bascule verify DIR --verifier KEY",
      ],
      exit: report.faults.length === 0 ? EXIT.done : EXIT.verificationFailed,
    };
  },
});

/** Evidence that cannot be read is a failure to answer, and no verdict. */
function asFailure(error: unknown): never {
  if (error instanceof EvidenceError)
    throw new CommandError("failed", `the evidence cannot be read: ${error.message}`);
  throw error;
}

/** What the bastion works with must be what its files prove. */
async function withJournal(
  control: CommandContext["control"],
  report: EvidenceReport,
): Promise<EvidenceReport> {
  const { checkpoint } = report;
  if (checkpoint === undefined || report.faults.length > 0) return report;
  if (checkpoint.size > JOURNAL_ENTRIES_MAX)
    return { ...report, notes: [...report.notes, "the journal was not compared: it is too long for that"] };
  const root = await rootOfEntries(control.ledger.history(), checkpoint.size);
  if (root === checkpoint.root) return report;
  const detail = "the bastion's journal has other entries than the files prove";
  return { ...report, faults: [{ code: "root-mismatch", where: "journal", detail }] };
}
