import { createHash } from "node:crypto";
import type { EntryHistory } from "./entry-history.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { policyFile, POLICY_BYTES_MAX, type LedgerFiles } from "./ledger-files.js";

const POLICY_FILE = /^ledger\/policy\/([0-9a-f]{64})\.json$/u;

/**
 * Checks the document of each policy that entries name: that it is there, and has its hash. Gives how many do. A document is
 * written before the entry that names it, which may not be under the checkpoint yet: one with its own hash is no fault. Where
 * entries cannot be read (`isWhole` is false), one without may belong to them.
 */
export async function checkPolicies(
  source: EvidenceSource,
  files: LedgerFiles,
  { policies, isWhole }: Pick<EntryHistory, "policies" | "isWhole">,
  findings: Findings,
): Promise<number> {
  const named = new Map<string, number | undefined>(policies);
  for (const path of files.filesLeft()) {
    const hash = POLICY_FILE.exec(path)?.[1];
    if (hash === undefined || named.has(hash)) continue;
    const isSound = hashOf((await source.read(path, POLICY_BYTES_MAX)) ?? Buffer.alloc(0)) === hash;
    if (isSound) {
      files.takeFile(path);
      findings.note(`${source.show(path)}: no entry under the checkpoint names this policy`);
    } else if (!isWhole) named.set(hash, undefined);
  }
  let sound = 0;
  for (const [hash, number] of named) {
    const about = number === undefined ? {} : { entry: number };
    const path = policyFile(hash);
    files.takeFile(path);
    const bytes = await source.read(path, POLICY_BYTES_MAX);
    const where = source.show(path);
    if (bytes === undefined)
      findings.fault({ code: "policy-missing", where, ...about, detail: "the policy that this entry names" });
    else if (hashOf(bytes) === hash) sound += 1;
    else
      findings.fault({
        code: "policy-mismatch",
        where,
        ...about,
        detail: "it does not have the hash of its name",
      });
  }
  return sound;
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
