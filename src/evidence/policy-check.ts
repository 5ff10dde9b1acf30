import { createHash } from "node:crypto";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { LEDGER, type LedgerFiles } from "./ledger-files.js";

/** A policy of some thousand people and roles. */
const POLICY_BYTES_MAX = 16 * 1024 * 1024;

/** Checks the document of each policy that entries name: that it is there, and has its hash. Gives how many do. */
export async function checkPolicies(
  source: EvidenceSource,
  files: LedgerFiles,
  policies: ReadonlyMap<string, number>,
  findings: Findings,
): Promise<number> {
  let sound = 0;
  for (const [hash, entry] of policies) {
    const path = `${LEDGER}/policy/${hash}.json`;
    files.takeFile(path);
    const bytes = await source.read(path, POLICY_BYTES_MAX);
    const where = source.show(path);
    if (bytes === undefined)
      findings.fault({ code: "policy-missing", where, entry, detail: "the policy that this entry names" });
    else if (createHash("sha256").update(bytes).digest("hex") === hash) sound += 1;
    else
      findings.fault({
        code: "policy-mismatch",
        where,
        entry,
        detail: "it does not have the hash of its name",
      });
  }
  return sound;
}
