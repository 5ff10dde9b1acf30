import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { KeptProcess } from "../../../../src/cli/serve/kept-process.js";
import { closeAfterwards } from "../../../harness/closing.js";

function program(code: string): () => ChildProcess {
  return () => spawn(process.execPath, ["-e", code], { stdio: "ignore" });
}

describe("cli/serve/kept-process", function () {
  it("starts again what ends, later each time", async () => {
    const waits: number[] = [];
    await new Promise<void>((resolve) => {
      const kept = new KeptProcess(program("process.exit(3)"), {
        onFallen: (how, againInMs) => {
          assert.equal(how, "exit 3");
          waits.push(againInMs);
          if (waits.length === 3) resolve();
        },
      });
      closeAfterwards(() => kept.stop(undefined, 1000));
    });
    assert.deepEqual(waits, [100, 200, 400]);
  });

  it("does not start again what it was told to stop", async () => {
    const fallen: string[] = [];
    const kept = new KeptProcess(program("setInterval(() => 0, 1000)"), {
      onFallen: (how) => fallen.push(how),
    });
    const { pid } = kept;
    await kept.stop("SIGTERM", 5000);
    assert.equal(kept.pid, pid);
    assert.deepEqual(fallen, []);
  });

  it("kills what does not end in time", async () => {
    const kept = new KeptProcess(program("setInterval(() => 0, 1000)"), { onFallen: () => undefined });
    const before = performance.now();
    await kept.stop(undefined, 200);
    assert.ok(performance.now() - before < 3000);
  });
});
