import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { startBastion, type Bastion, type BastionOptions } from "../harness/bastion.js";
import { startClient, type ClientRun } from "../harness/client-run.js";
import { runProgram } from "../harness/run-program.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { everyWay, routeTo, ways, type Way } from "../harness/ways.js";

const mebibyte = 1024 * 1024;
const large = randomBytes(64 * mebibyte);

describe("e2e/rekey", function () {
  /** Sends `input` through `cat` and back; gives ssh's log. */
  async function thereAndBack(
    bastion: Bastion,
    way: Way,
    { version, flags = [], input }: { version: OpensshVersion; flags?: readonly string[]; input: Buffer },
  ): Promise<string> {
    const { options, host } = routeTo(bastion, way);
    const args = ["-v", ...options, ...flags, host, "cat"];
    const { ssh } = openssh(version);
    const { stdout, stderr, status } = await runProgram(ssh, args, { input, timeoutMs: 100_000 });
    assert.equal(status, 0, stderr);
    assert.equal(sha256(stdout), sha256(input));
    return stderr;
  }

  async function start(options: BastionOptions): Promise<Bastion> {
    const bastion = await startBastion({ sshd: "10.0", ...options });
    await bastion.issue();
    return bastion;
  }

  const bastions = {} as Record<"patient" | "eager", Bastion>;
  /** On a connection that carries little, while the others carry much. */
  let little: ClientRun;
  before(async () => {
    const patient = start({});
    bastions.eager = await start({
      settings: "rekey: { bytes: 4MiB, every: 10s }",
      sshdConfig: ["RekeyLimit 1M", "LogLevel DEBUG1"],
    });
    const { options, host } = routeTo(bastions.eager, "plus");
    const command = "for n in {1..24}; do echo tick $n; read -t 0.5; done; exit 0"; // starts no process while others are tested
    little = startClient(openssh("10.0").ssh, ["-v", ...options, host, command]);
    await little.says("tick 1");
    bastions.patient = await patient;
  });

  describe("asked for by the client every MiB", () => {
    for (const { version, way, named } of everyWay) {
      const [input, least] = version === "10.0" ? [large, 40] : [large.subarray(0, 8 * mebibyte), 6];
      it(`${named}: changes no byte of ${input.length / mebibyte} MiB both ways`, async () => {
        const flags = ["-o", "RekeyLimit=1M"];
        const log = await thereAndBack(bastions.patient, way, { version, flags, input });
        const exchanges = count(log, /SSH2_MSG_NEWKEYS received/g);
        assert.ok(exchanges > least, `${exchanges} key exchanges`);
      });
    }
  });

  describe("asked for by us every 4 MiB or 10 s, and by sshd every MiB", () => {
    for (const way of ways) {
      it(`${way}: changes no byte of 64 MiB both ways`, async () => {
        const log = await thereAndBack(bastions.eager, way, { version: "10.0", input: large });
        const ours = count(log, /SSH2_MSG_KEXINIT received/g);
        assert.ok(ours > 20, `${ours} key exchanges with the client`);
        const sshds = count(bastions.eager.sshd.log(), /SSH2_MSG_NEWKEYS received/g);
        assert.ok(sshds > 40, `${sshds} key exchanges with the target`);
      });
    }

    it("comes by the clock as well, on a connection that carries little", async () => {
      const { status } = await little.ended;
      assert.equal(status, 0);
      assert.equal(count(little.stderr(), /SSH2_MSG_NEWKEYS received/g), 2);
    });
  });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
