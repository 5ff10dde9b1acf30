import assert from "node:assert/strict";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { bytesOf, recordedBy } from "../harness/recorded.js";
import { runProgram } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh } from "../harness/tools.js";
import { everyWay, routeTo } from "../harness/ways.js";

/** OpenSSH's sshd lets ten sessions be open on one connection (MaxSessions). */
const channels = 10;

describe("e2e/multiplex", function () {
  let bastion: Bastion;
  before(async () => {
    bastion = await startBastion({ sshd: "10.0" });
    await bastion.issue();
  });

  for (const { version, way, named } of everyWay) {
    it(`${named}: carries ten channels at once over one connection, and records each`, async () => {
      const { options, host } = routeTo(bastion, way);
      const { ssh } = openssh(version);
      const control = [...options, "-o", `ControlPath=${join(temporaryFolder("mux"), "socket")}`];
      const { result, recorded } = await recordedBy(bastion, async () => {
        const master = runProgram(ssh, [...control, "-M", "-N", host], { timeoutMs: 40_000 });
        await waitForMaster(ssh, control, host);
        const numbers = Array.from({ length: channels }, (_, number) => number);
        // each waits for all the others, so that all are open at once
        const command = (number: number) =>
          `touch mux-${version}-${way}-${number}; until [ $(ls | grep -c mux-${version}-${way}) = ${channels} ]; ` +
          `do sleep 0.1; done; cat; echo err ${number} >&2; exit ${number}`;
        const results = await Promise.all(
          numbers.map((number) =>
            runProgram(ssh, [...control, host, command(number)], {
              input: `input ${number}\n`.repeat(20_000),
              timeoutMs: 40_000,
            }),
          ),
        );
        assert.equal((await runProgram(ssh, [...control, "-O", "exit", host])).status, 0);
        await master;
        return results;
      });
      for (const [number, { stdout, stderr, status }] of result.entries()) {
        assert.equal(stdout.toString(), `input ${number}\n`.repeat(20_000));
        assert.match(stderr, new RegExp(`err ${number}\\n$`));
        assert.equal(status, number);
      }
      const heard = Array.from({ length: channels }, (_, channel) =>
        bytesOf(recorded, "stdout", channel + 1).toString(),
      );
      assert.deepEqual(heard.toSorted(), result.map(({ stdout }) => stdout.toString()).toSorted());
      const said = heard.map((_, channel) => bytesOf(recorded, "stdin", channel + 1).toString());
      assert.deepEqual(said, heard);
    });
  }

  it("ends one channel without touching the others", async () => {
    const { options, host } = routeTo(bastion, "jump");
    const { ssh } = openssh("10.0");
    const control = [...options, "-o", `ControlPath=${join(temporaryFolder("mux"), "socket")}`];
    const master = runProgram(ssh, [...control, "-M", "-N", host]);
    await waitForMaster(ssh, control, host);
    const [long, killed] = await Promise.all([
      runProgram(ssh, [...control, host, "sleep 2; echo whole"]),
      // its terminal's end also ends what runs there
      runProgram("timeout", ["1", ssh, ...control, "-tt", host, "sleep 60"]),
    ]);
    assert.deepEqual([long.stdout.toString(), long.status, killed.status], ["whole\n", 0, 124]);
    await runProgram(ssh, [...control, "-O", "exit", host]);
    await master;
  });
});

async function waitForMaster(ssh: string, control: readonly string[], host: string): Promise<void> {
  const words = [ssh, ...control, "-O", "check", host].map((word) => `'${word}'`).join(" ");
  const script = `until ${words} 2>/dev/null; do sleep 0.1; done`;
  await runProgram("/bin/sh", ["-c", script], { timeoutMs: 10_000 });
}
