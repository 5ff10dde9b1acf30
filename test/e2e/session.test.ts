import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startClient, type ClientRun } from "../harness/client-run.js";
import { runProgram, type ProgramOptions } from "../harness/run-program.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { everyWay, routeTo, ways, type Way } from "../harness/ways.js";

const mebibyte = 1024 * 1024;
const large = randomBytes(64 * mebibyte);

describe("e2e/session", function () {
  let bastion: Bastion;
  /** Those that take their time whatever the machine: they wait while the others run. */
  let alive: readonly ClientRun[];
  let unused: readonly ClientRun[];
  before(async () => {
    bastion = await startBastion({
      sshd: "10.0",
      channels: ["shell", "exec", "sftp", "subsystem"],
      sshdConfig: [
        "AcceptEnv *", // what does not arrive was held back by the bastion
        "ClientAliveInterval 1",
        "ClientAliveCountMax 2",
        "Subsystem upper /usr/bin/tr a-z A-Z",
      ],
    });
    await bastion.issue();
    writeFileSync(join(bastion.sshd.home, "large"), large);
    alive = everyWay.map(({ version, way }) => {
      const { options, host } = routeTo(bastion, way);
      const flags = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];
      return startClient(openssh(version).ssh, [
        ...options,
        ...flags,
        host,
        "echo ready; read -t 4.5; echo alive",
      ]);
    });
    unused = ways.map((way) => {
      const { options, host } = routeTo(bastion, way);
      return startClient(openssh("10.0").ssh, ["-v", ...options, "-N", host]);
    });
    for (const run of alive) await run.says("ready");
    for (const [at, way] of ways.entries())
      await unused[at]?.says(`Authenticated to ${way === "jump" ? "prod" : "127.0.0.1"}`);
  });

  /** `ssh [flags] prod command` */
  function run(
    { version, way }: { version: OpensshVersion; way: Way },
    command: readonly string[],
    { flags = [], ...options }: ProgramOptions & { flags?: readonly string[] } = {},
  ) {
    const { options: route, host } = routeTo(bastion, way);
    return runProgram(openssh(version).ssh, [...route, ...flags, host, ...command], options);
  }

  for (const { named, ...how } of everyWay) {
    describe(named, () => {
      it("carries stdout, stderr and the exit status apart", async () => {
        const result = await run(how, ["echo out; echo err >&2; exit 7"]);
        assert.equal(result.stdout.toString(), "out\n");
        assert.match(result.stderr, /(^|\n)err\n/);
        assert.equal(result.status, 7);
      });

      it("tells the client of a command that a signal killed as sshd does", async () => {
        const result = await run(how, ["echo before; kill -TERM $$"]);
        assert.equal(result.stdout.toString(), "before\n");
        assert.equal(result.status, 255);
      });

      it("runs a shell without a terminal, and keeps its script in full", async () => {
        const lines = Array.from({ length: 20_000 }, (_, line) => `n=$((n + ${line}))`);
        const input = `${lines.join("\n")}\necho $n; tty || exit 5\n`;
        const result = await run(how, [], { input });
        assert.deepEqual(
          { out: result.stdout.toString(), status: result.status },
          { out: `${(20_000 * 19_999) / 2}\nnot a tty\n`, status: 5 },
        );
      });

      it("carries the end of input, and what is said after it", async () => {
        const result = await run(how, ["cat; echo end; echo late >&2"], { input: "some\ninput" });
        assert.equal(result.stdout.toString(), "some\ninputend\n");
        assert.match(result.stderr, /(^|\n)late\n$/);
      });

      it("carries the end of output before the end of the command", async () => {
        const result = await run(how, ["echo out; exec >&- 2>&-; cat >/dev/null; sleep 0.2; exit 4"]);
        assert.deepEqual([result.stdout.toString(), result.status], ["out\n", 4]);
      });

      it("ends for a client without input", async () => {
        const result = await run(how, ["cat; wc -c < /dev/stdin"], { flags: ["-n"] });
        assert.deepEqual([result.stdout.toString(), result.status], ["0\n", 0]);
      });

      it("passes the environment variables that are on the list, and no other", async () => {
        const flags = ["-o", "SetEnv=LC_BASCULE=yes LD_BASCULE=no FOO=no", "-o", "SendEnv=LANG"];
        const { stdout } = await run(how, ["env | grep -E '^(LANG|LC_B|LD_B|FOO)' | sort"], {
          flags,
          env: { LANG: "C.UTF-8" },
        });
        assert.equal(stdout.toString(), "LANG=C.UTF-8\nLC_BASCULE=yes\n");
      });

      it("carries a subsystem", async () => {
        const result = await run(how, ["upper"], { flags: ["-s"], input: "quiet" });
        assert.deepEqual([result.stdout.toString(), result.status], ["QUIET", 0]);
      });

      it("carries much in both directions at once", async () => {
        const input = how.version === "10.0" ? large : large.subarray(0, 8 * mebibyte);
        const { stdout, status } = await run(how, ["cat"], { input, timeoutMs: 50_000 });
        assert.deepEqual([sha256(stdout), status], [sha256(input), 0]);
      });
    });
  }

  for (const way of ways) {
    it(`${way}: a reader that stops, stops the writer; memory stays flat and nothing is lost`, async () => {
      const { options, host } = routeTo(bastion, way);
      const words = [openssh("10.0").ssh, ...options, host].map((word) => `'${word}'`).join(" ");
      const before = residentBytes(bastion);
      const whole = runProgram("/bin/sh", ["-c", `${words} cat large | (sleep 3; sha256sum)`]);
      await sleep(2500);
      const grown = residentBytes(bastion) - before;
      assert.ok(grown < 24 * mebibyte, `${grown} bytes more while the reader slept`);
      assert.equal((await whole).stdout.toString(), `${sha256(large)}  -\n`);
    });
  }

  /** In a describe of their own, as those come last. */
  describe("that lasts", () => {
    it("passes requests it does not know: both sides ask whether the other is alive", async () => {
      for (const run of alive) {
        const { status } = await run.ended;
        assert.deepEqual([run.stdout().toString(), status], ["ready\nalive\n", 0]);
      }
    });

    it("keeps a connection on which nothing is opened", async () => {
      for (const run of unused) {
        const signalled = process.kill(run.pid, "SIGTERM"); // throws when it has ended
        assert.ok(signalled);
        await run.ended;
      }
    });
  });

  it("opens and ends 100 sessions, in two rows one after the other", async () => {
    const { options, host } = routeTo(bastion, "plus");
    const words = [openssh("10.0").ssh, "-q", ...options, host].map((word) => `'${word}'`).join(" ");
    const script = `for n in $(seq 50); do ${words} true || echo "$n: $?"; done; echo done`;
    const row = () => runProgram("/bin/sh", ["-c", script], { timeoutMs: 55_000 });
    const results = await Promise.all([row(), row()]);
    for (const { stdout, stderr } of results) assert.equal(`${stdout.toString()}${stderr}`, "done\n");
  });
});

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Of all proxies together. */
function residentBytes(bastion: Bastion): number {
  return bastion.pidsOf("proxy").reduce((sum, pid) => {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return sum + Number(kibibytes) * 1024;
  }, 0);
}
