import { runProgram } from "../../test/harness/run-program.js";
import { rowOf } from "../row.js";
import { measureInTurns } from "../turns.js";
import type { Measurement } from "./measurement.js";

/** From the start of `ssh -J bastion host true` to its exit: two key exchanges, two logins, one command. */
export const connect: Measurement = {
  rows: ["connect-true"],
  async measure({ tools, way, reference }, { connects }, progress) {
    const timed = (args: readonly string[]) => async () => {
      const beforeMs = performance.now();
      const { status, stderr } = await runProgram(tools.ssh, [...args, "true"]);
      if (status !== 0) throw new Error(`ssh ${args.join(" ")} true: ${stderr}`);
      return performance.now() - beforeMs;
    };
    const measured = await measureInTurns(
      connects,
      { ours: timed(way), reference: timed(reference.ways.jump) },
      (turn) => progress.say(`connect-true: ${turn} of ${connects}`),
    );
    // 0.65 of OpenSSH's time at most.
    return [
      rowOf({ row: "connect-true", unit: "ms", better: "less", ...measured, budget: { ratioMin: 1.54 } }),
    ];
  },
};
