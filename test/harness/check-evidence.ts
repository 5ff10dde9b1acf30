import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { homeSource, verifyEvidence } from "../../src/evidence/index.js";

export interface CheckEvidenceOptions {
  readonly recordings?: string;
  /**
   * The bastion was killed, and nobody has started it since: what it had put into its journal in the last second is not under a
   * checkpoint, so that a recording may be there of which no entry speaks yet.
   */
  readonly isKilled?: boolean;
}

/**
 * Verifies a home's evidence from outside with the verifier that auditors use, once the bastion that wrote it is gone. Throws an
 * AssertionError that lists what is wrong.
 */
export async function checkEvidence(
  home: string,
  { recordings = join(home, "recordings"), isKilled = false }: CheckEvidenceOptions = {},
): Promise<void> {
  if (!existsSync(join(home, "ledger", "checkpoint"))) return; // it never came so far
  const { faults } = await verifyEvidence(homeSource({ home, recordings, archive: join(home, "archive") }));
  const told = faults
    .filter(({ code }) => !isKilled || code !== "recording-unknown")
    .map(({ code, where, entry, detail }) => `${where} ${code} (entry ${entry ?? "-"}): ${detail}`);
  assert.deepEqual(told, [], "the evidence is wrong");
}
