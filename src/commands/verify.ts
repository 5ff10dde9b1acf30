import { LedgerError } from "../control/index.js";
import { checkSession, type Fault } from "./check-session.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { EXIT } from "./exit-status.js";
import { linesText } from "./table.js";

export const verify = defineCommand({
  name: "verify",
  summary: "Checks every ledger entry, and every recording against the heads that the ledger promises",
  examples: ["verify", "verify --json"],
  audience: "auditors",
  positionals: {},
  options: {},
  async run({ control, note }) {
    const { entries } = await control.verifyLedger().catch(asVerdict);
    note(`ledger: ${entries} entries, numbers and hashes are whole`);
    const sessions = [...control.state.sessions.values()];
    const faults: Fault[] = [];
    let checked = 0;
    for (const session of sessions) {
      const fault = await checkSession(control.recordingPath(session), session);
      if (fault === "nothing-recorded") continue;
      checked += 1;
      if (fault !== undefined) faults.push(fault);
    }
    const interrupted = sessions.filter(({ ended }) => ended?.outcome === "interrupted").length;
    const lines = [
      `${entries} ledger entries and ${checked} recordings checked, ${interrupted} interrupted, ${faults.length} at fault`,
      ...faults.map(({ session, path, code, detail }) => `${session}  ${code}: ${detail} (${path})`),
    ];
    return {
      text: linesText(lines),
      json: { entries, recordings: checked, interrupted, faults },
      exit: faults.length === 0 ? EXIT.done : EXIT.verificationFailed,
    };
  },
});

/** A ledger that does not verify is what was asked about, not a failure to answer. */
function asVerdict(error: unknown): never {
  if (error instanceof LedgerError)
    throw new CommandError("verificationFailed", `ledger: ${error.message} (${error.code})`);
  throw error;
}
