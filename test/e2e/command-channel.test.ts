import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startClient, type ClientRun } from "../harness/client-run.js";
import { person, type Person } from "../harness/person.js";
import { runProgram } from "../harness/run-program.js";
import { makeKey } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { until } from "../harness/until.js";

const versions: readonly OpensshVersion[] = ["9.2", "10.0"];

/** Targets that can be asked for; the same request is not made twice. */
const targets = Array.from({ length: 11 }, (_, number) => `t${number}`);
let asked = 0;

/** A request that nobody decides: it waits until it is stopped. */
function waits(): readonly string[] {
  const target = targets[asked++] ?? assert.fail();
  return ["request", target, "--as", "postgres", "--for", "30m", "--wait", "--reason", "a test"];
}

describe("e2e/command-channel", function () {
  let bastion: Bastion;
  const people = new Map<OpensshVersion, Person>();

  before(async () => {
    const { publicLine: hostKey } = await makeKey("t");
    bastion = await startBastion({
      proxies: 1,
      bobsGroups: ["auditors", "approvers"],
      settings: "requests: { openPerIdentity: 50, perHourPerIdentity: 100 }",
      targets: targets
        .map((name) => `  ${name}: { address: "127.0.0.1:9", hostKeys: ["${hostKey}"], logins: [postgres] }`)
        .join("\n"),
      roles:
        '  asked: { groups: [engineers], targets: { names: ["t*"] }, logins: [postgres], maxDuration: 1h, ' +
        "approvals: { count: 1, from: [approvers] } }",
    });
    for (const version of versions) {
      const key = { ...bastion.alice };
      people.set(version, person(bastion, `alice-${version}`, key, { version }));
    }
  });

  const alice = (version: OpensshVersion = "9.2") => people.get(version) ?? assert.fail();
  const configOf = (version: OpensshVersion) => join(dirname(bastion.alice.path), `alice-${version}.conf`);

  /** `ssh ARGS` of alice, which the test ends. */
  const start = (version: OpensshVersion, args: readonly string[]): ClientRun =>
    startClient(openssh(version).ssh, ["-F", configOf(version), ...args]);

  for (const version of versions)
    describe(`OpenSSH ${version}`, () => {
      it("knows people by their keys, whatever ssh user name they give", async () => {
        for (const user of ["anybody", "a+b+c", "+prod", "approver", "x".repeat(200)]) {
          const { status, stdout, stderr } = await alice(version).ssh([
            "-l",
            user,
            "bastion",
            "whoami",
            "--json",
          ]);
          assert.deepEqual([status, stderr], [0, ""], user);
          assert.equal((JSON.parse(stdout.toString()) as { name: string }).name, "alice");
        }
      });

      it("keeps data and talk apart, and line ends as they are but for a terminal", async () => {
        const plain = await alice(version).ssh(["bastion", "whoami"]);
        const onTerminal = await alice(version).ssh(["-tt", "bastion", "whoami"]);
        assert.doesNotMatch(plain.stdout.toString(), /\r/u);
        assert.equal(onTerminal.stdout.toString(), plain.stdout.toString().replaceAll("\n", "\r\n"));
        const wrong = await alice(version).ssh(["bastion", "nosuch"]);
        assert.deepEqual([wrong.status, wrong.stdout.toString()], [2, ""]);
        assert.match(wrong.stderr, /nosuch/u);
      });

      it("ends a command that is not read, and one that does not read", async () => {
        const head = await alice(version).paste("ssh bastion help | head -c 1");
        assert.deepEqual([head.status, head.stdout.length], [0, 1]);
        const input = "x".repeat(4_000_000);
        const { status } = await alice(version).ssh(["bastion", "cert", "--key", "-"], { input });
        assert.equal(status, 2);
      });

      it("says where files can be brought instead", async () => {
        const { sftp, ssh } = openssh(version);
        const { status, stderr } = await runProgram(sftp, ["-F", configOf(version), "-S", ssh, "bastion"]);
        assert.equal(status, 255);
        assert.match(stderr, /no subsystems here; for files, go to a target/u);
      });

      it("stops what waits at ^C on a terminal", async () => {
        const terminal = alice(version).terminal(["-t", "bastion", ...waits()]);
        await terminal.waitFor(/It lapses/u);
        terminal.type("\x03");
        await terminal.waitFor(/not waited for/u);
        assert.deepEqual(await terminal.ended, { status: 130 });
      });
    });

  it("carries several commands on one connection, and those that are too many on another", async () => {
    const control = ["-o", `ControlPath=${join(temporaryFolder("mux"), "s")}`];
    const master = start("9.2", [...control, "-M", "bastion", ...waits()]);
    await master.says(/It lapses/u);
    const waiting = Array.from({ length: 7 }, () => start("9.2", [...control, "bastion", ...waits()]));
    for (const run of waiting) await run.says(/It lapses/u);
    const [ninth, tenth] = await Promise.all([
      alice().ssh([...control, "bastion", "whoami"]),
      alice().ssh([...control, "bastion", "whoami"]),
    ]);
    assert.deepEqual([ninth.status, tenth.status], [0, 0]); // ssh makes a connection of its own
    for (const run of [...waiting, master]) process.kill(run.pid, "SIGTERM");
    await Promise.all([...waiting, master].map(({ ended }) => ended));
  });

  describe("a lock", () => {
    it("counts for the next command on a connection that stands, and for every new one", async () => {
      const control = ["-o", `ControlPath=${join(temporaryFolder("mux"), "s")}`];
      const master = start("10.0", [...control, "-M", "-N", "bastion"]);
      await ready(() => alice("10.0").ssh([...control, "-O", "check", "bastion"]));
      assert.equal((await bastion.bascule(["lock", "alice", "--reason", "laptop stolen"])).status, 0);
      const onOld = await alice("10.0").ssh([...control, "bastion", "whoami"]);
      assert.deepEqual([onOld.status, onOld.stdout.toString()], [3, ""]);
      assert.match(onOld.stderr, /alice is locked.*laptop stolen/u);
      for (const user of ["alice", `approve.req-0123456789ab.${"0".repeat(64)}`]) {
        const { status, stderr } = await alice().ssh([`${user}@bastion`, "whoami"]);
        assert.equal(status, 255);
        assert.match(stderr, /laptop stolen/u);
      }
      assert.equal((await bastion.bascule(["unlock", "alice", "--reason", "found"])).status, 0);
      assert.equal((await alice("10.0").ssh([...control, "bastion", "whoami"])).status, 0);
      process.kill(master.pid, "SIGTERM");
      await master.ended;
    });

    it("tells a stranger nothing, locked or not", async () => {
      const stranger = person(bastion, "eve", await makeKey("eve"));
      const { status, stdout, stderr } = await stranger.ssh(["alice@bastion", "whoami"]);
      assert.deepEqual([status, stdout.toString()], [255, ""]);
      assert.equal(stderr, "alice@127.0.0.1: Permission denied (publickey).\r\n");
    });
  });

  it("ends what control ran when control dies, and asks who comes by an old connection to connect again", async () => {
    const control = ["-o", `ControlPath=${join(temporaryFolder("mux"), "s")}`];
    const master = start("10.0", [...control, "-M", "-N", "bastion"]);
    await ready(() => alice("10.0").ssh([...control, "-O", "check", "bastion"]));
    const waiting = start("9.2", ["bastion", ...waits()]);
    await waiting.says(/It lapses/u);
    for (const pid of bastion.pidsOf("control")) process.kill(pid, "SIGKILL");
    assert.equal((await waiting.ended).status, 75);
    assert.match(waiting.stderr(), /its control process is away.*try again/u);
    await ready(() => alice("9.2").ssh(["bastion", "whoami"]));
    const onOld = await alice("10.0").ssh([...control, "bastion", "whoami"]);
    assert.equal(onOld.status, 75);
    assert.match(onOld.stderr, /restarted since you logged in; connect again/u);
    await master.ended; // nothing is open on it any more
    assert.equal((await alice("10.0").ssh([...control, "bastion", "whoami"])).status, 0);
  });
});

/** Tries until it succeeds. */
function ready(attempt: () => Promise<{ status: number | null }>): Promise<void> {
  return until("it succeeds", async () => (await attempt()).status === 0);
}
