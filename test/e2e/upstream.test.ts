import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyRecording } from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { startLyingTarget } from "../harness/lying-target.js";
import type { ProgramResult } from "../harness/run-program.js";
import { makeKey, signCertificate } from "../harness/ssh-keys.js";
import { freePort, startSshd, type RunningSshd } from "../harness/sshd.js";

/** A wrong target: what the person reads, and the code in the ledger. */
interface Wrong {
  readonly screen: RegExp;
  readonly code: string;
}

const wrongs: Readonly<Record<string, Wrong>> = {
  dead: { screen: /bascule: dead cannot be reached \(ECONNREFUSED\)\./u, code: "target-unreachable" },
  hole: { screen: /bascule: hole did not answer within 10 s\./u, code: "target-silent" },
  mute: { screen: /bascule: mute did not answer within 10 s\./u, code: "target-silent" },
  closes: { screen: /bascule: closes closed the connection before the login\./u, code: "target-protocol" },
  garbage: { screen: /bascule: garbage .*\./u, code: "target-protocol" },
  otherkey: {
    screen:
      /bascule: otherkey showed a host key that is not the one in the inventory; nothing was sent to it/u,
    code: "target-host-key",
  },
  othername: {
    screen: /bascule: othername showed a host key that is not the one in the inventory/u,
    code: "target-host-key",
  },
  refuses: {
    screen: /bascule: refuses refused the bastion's login as \S+: does it trust/u,
    code: "target-login-refused",
  },
};

describe("e2e/upstream", () => {
  let bastion: Bastion;
  let otherkey: RunningSshd;
  let othername: RunningSshd;
  const results = new Map<string, ProgramResult>();

  before(async function () {
    const config = ["LogLevel DEBUG1"];
    const [hostCa, hostKey, expected] = [
      await makeKey("ca"),
      await makeKey("host"),
      await makeKey("expected"),
    ];
    await signCertificate({ ca: hostCa, key: hostKey, principals: ["another-host"], host: true });
    otherkey = await startSshd({ version: "9.2", config });
    othername = await startSshd({ version: "9.2", config, hostKey, withHostCertificate: true });
    const refuses = await startSshd({ version: "9.2" }); // trusts no CA
    const ports: Readonly<Record<string, number>> = {
      dead: await freePort(),
      hole: (await startLyingTarget("silent")).port,
      mute: (await startLyingTarget("stops")).port,
      closes: (await startLyingTarget("closes")).port,
      garbage: (await startLyingTarget("garbage")).port,
      otherkey: otherkey.port,
      othername: othername.port,
      refuses: refuses.port,
    };
    const proof = (name: string) => {
      if (name === "othername") return `hostCA: "${hostCa.publicLine}"`;
      return `hostKeys: ["${name === "refuses" ? refuses.hostKeyLine : expected.publicLine}"]`;
    };
    const targets = Object.entries(ports).map(
      ([name, port]) =>
        `  ${name}: { address: "127.0.0.1:${port}", ${proof(name)}, labels: { env: prod }, logins: [${refuses.login}] }`,
    );
    bastion = await startBastion({ targets: targets.join("\n") });
    const names = Object.keys(wrongs).flatMap((name) => ["--target", name]);
    const asked = [
      "cert",
      "issue",
      "--identity",
      "alice",
      ...names,
      "--login",
      bastion.login,
      "--for",
      "30m",
    ];
    const { stdout } = await bastion.bascule([...asked, "--reason", "a test"]);
    writeFileSync(bastion.alice.certificatePath, stdout);
    await Promise.all(
      Object.keys(wrongs).map(async (name) => {
        const args = ["-J", "bastion", `${bastion.login}@${name}`, "cat"];
        results.set(
          name,
          await bastion.ssh("9.2", args, { input: "a secret of alice\n", timeoutMs: 40_000 }),
        );
      }),
    );
  });

  for (const [name, { screen, code }] of Object.entries(wrongs))
    it(`${name}: one clear line, status 255, a ledger entry and a closed recording`, async () => {
      const { status, stdout, stderr } = results.get(name) ?? assert.fail("was not tried");
      assert.equal(status, 255);
      assert.equal(stdout.toString(), "");
      assert.match(stderr, screen);
      assert.equal(stderr.split("\n").filter((line) => line.includes("bascule:")).length, 1, stderr);

      const events = await ledgerNow(bastion.home);
      const started = events.filter((event) => event.type === "session.started" && event.target === name);
      assert.equal(started.length, 1);
      const [begun] = started;
      assert.ok(begun?.type === "session.started");
      const failed = events.filter(
        (event) => event.type === "session.failed" && event.session === begun.session,
      );
      assert.deepEqual(
        failed.map((event) => event.type === "session.failed" && event.code),
        [code],
      );
      const ended = events.filter(
        (event) => event.type === "session.ended" && event.session === begun.session,
      );
      assert.deepEqual(
        ended.map((event) => event.type === "session.ended" && event.outcome),
        ["failed"],
      );
      const verified = await verifyRecording(join(bastion.recordings, begun.recording));
      assert.equal(verified.state, "ended");
    });

  it("sends nothing of the person to a host that does not prove itself", () => {
    for (const sshd of [otherkey, othername]) {
      assert.match(sshd.log(), /SSH2_MSG_KEXINIT sent|Connection from/u);
      assert.doesNotMatch(sshd.log(), /userauth-request|service-request|publickey|KEX done|alice/u);
    }
  });
});
