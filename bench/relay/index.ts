/**
 * bench/relay: ours beside OpenSSH's own `ssh -J`, on the same sshd, in the same run.
 */
import type { OpensshVersion } from "../../test/harness/tools.js";
import { runProgram } from "../../test/harness/run-program.js";
import type { Progress } from "../progress.js";
import type { Row } from "../row.js";
import { connect } from "./connect.js";
import { cut } from "./cut.js";
import { idleMemory } from "./idle-memory.js";
import { keystroke } from "./keystroke.js";
import type { Amounts, Measurement } from "./measurement.js";
import { startStand } from "./stand.js";
import { transfer } from "./transfer.js";

/** Memory first: what a transfer has left free in a process would hide what sessions take. */
const measurements: readonly Measurement[] = [
  ...[idleMemory, transfer("down"), transfer("up"), connect, keystroke, cut],
];

export const rowNames = measurements.flatMap(({ rows }) => rows);

export interface RelayOptions {
  readonly version: OpensshVersion;
  readonly amounts: Amounts;
  /** Beginnings of row names; everything when empty. */
  readonly only: readonly string[];
  readonly progress: Progress;
  readonly onRow: (row: Row) => void;
}

/** Measures what is wanted; gives the versions of what was measured against. */
export async function measureRelay({
  version,
  amounts,
  only,
  progress,
  onRow,
}: RelayOptions): Promise<string> {
  const isWanted = (row: string) => only.length === 0 || only.some((name) => row.startsWith(name));
  progress.say("starting a bastion, a jump host and a target");
  const stand = await startStand(version);
  for (const measurement of measurements.filter(({ rows }) => rows.some(isWanted))) {
    const rows = await measurement.measure(stand, amounts, progress);
    for (const row of rows.filter(({ row }) => isWanted(row))) onRow(row);
  }
  const { stderr } = await runProgram(stand.tools.ssh, ["-V"]);
  return stderr.trim();
}
