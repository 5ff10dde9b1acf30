import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { approvalUser, type RequestId } from "../../../src/access/index.js";
import { encodePublicKeyLine, fingerprint, parseCertificateLine } from "../../../src/certificate/index.js";
import { sshRunner } from "../../../src/commands/serving.js";
import { EXIT } from "../../../src/commands/index.js";
import { Bench, prove } from "../control/bench.js";
import { RequestBench } from "../control/request-bench.js";
import { FakeCarried, ssh, type Said } from "./fake-carried.js";

const ASK = "request prod --as root --for 30m --role one --reason INC-42 it can't replicate";

function idIn(text: string): RequestId {
  const [id] = /req-[0-9a-z]{12}/u.exec(text) ?? [];
  assert.ok(id, text);
  return id as RequestId;
}

async function asked(bench: RequestBench, line = ASK): Promise<RequestId> {
  const { exit, stdout, stderr } = await ssh(bench.bench, "alice", line);
  assert.equal(exit, EXIT.done, stderr);
  return idIn(stdout);
}

function certified(said: Said): ReturnType<typeof parseCertificateLine>["certificate"] {
  assert.equal(said.exit, EXIT.done, said.stderr);
  return parseCertificateLine(said.stdout).certificate;
}

describe("commands/ssh-carrier", () => {
  describe("words", () => {
    it("prints what the caller can say, to nobody's terminal and for help", async () => {
      const { bench } = await RequestBench.open();
      for (const line of ["", "help", "--help"]) {
        const { exit, stdout } = await ssh(bench, "alice", line);
        assert.equal(exit, EXIT.done);
        assert.match(stdout, /^You are alice, in engineers\.\n[^]*Usage: ssh bastion COMMAND/u);
        assert.match(stdout, /\n {2}request /u);
        assert.doesNotMatch(stdout, /\n {2}(lock|verify) /u, "what only others may");
      }
      const carried = new FakeCarried(bench, "alice");
      assert.equal(await sshRunner(bench.control)(carried), EXIT.done);
      assert.match(carried.stdout, /^You are alice/u);
    });

    it("prints a command's help with examples as they are pasted", async () => {
      const { bench } = await RequestBench.open();
      for (const line of ["help cert issue", "cert issue --help"])
        assert.match((await ssh(bench, "alice", line)).stdout, /Usage: ssh bastion cert issue/u);
      assert.match(
        (await ssh(bench, "alice", "help approve")).stdout,
        /\n {2}ssh bastion approve req-7k2m\n/u,
      );
    });

    it("names in a client's configuration only the targets that it may ask for", async () => {
      const { bench } = await RequestBench.open();
      assert.match((await ssh(bench, "alice", "config")).stdout, /\nHost prod\n {2}ProxyJump bastion\n/u);
      const { stdout } = await ssh(bench, "carol", "config");
      assert.match(stdout, /\nHost bastion\n/u);
      assert.doesNotMatch(stdout, /prod|lab/u);
    });

    it("prints JSON on stdout, and talk on stderr", async () => {
      const { bench } = await RequestBench.open();
      const { stdout } = await ssh(bench, "alice", "whoami --json");
      const { name, groups, fingerprint: key } = JSON.parse(stdout) as Record<string, unknown>;
      assert.deepEqual([name, groups], ["alice", ["engineers"]]);
      assert.equal(key, fingerprint(bench.alice.public));
      const made = await ssh(bench, "alice", `${ASK} --json`);
      assert.equal((JSON.parse(made.stdout) as { reason: string }).reason, "INC-42 it can't replicate");
      assert.match(made.stderr, /ssh bastion cert > ~\/\.ssh\/id_ed25519-cert\.pub/u);
    });

    const far = "a".repeat(10_000);
    let shared: RequestBench;
    before(async () => (shared = await RequestBench.open()));

    for (const [row, line, exit, says] of [
      [
        "unknown-command",
        "reqest prod",
        EXIT.usage,
        /no command "reqest"\n {2}did you mean: ssh bastion request/u,
      ],
      ["nothing-like-it", "frobnicate", EXIT.usage, /see them with: ssh bastion help/u],
      [
        "unknown-option",
        "request prod --fro 30m",
        EXIT.usage,
        /"--fro"\n {2}did you mean --for\?\n {2}for example: ssh/u,
      ],
      ["near-miss-in-a-text", `${ASK} --wiat`, EXIT.usage, /"--wiat" in --reason reads like --wait/u],
      [
        "no-target",
        "request --as root --for 5m --reason x",
        EXIT.usage,
        /name one or several targets.*\n {2}for example/u,
      ],
      ["no-login", "request prod --for 5m --reason x", EXIT.usage, /--as is missing/u],
      [
        "bad-duration",
        "request prod --as root --for ever --reason x",
        EXIT.usage,
        /--for: expected a duration/u,
      ],
      ["bad-time", "request prod --as root --from noon --reason x", EXIT.usage, /--from: expected a time/u],
      ["homoglyph", "request pr\u043ed --as root --for 5m", EXIT.usage, /TARGET/u],
      ["ten-thousand-characters", `request ${far} --as root --for 5m`, EXIT.usage, /TARGET/u],
      ["control-character-in-a-name", "request pr\u0007od --as root --for 5m", EXIT.usage, /TARGET/u],
      ["escape-in-a-reason", `${ASK} \u001b[2J`, EXIT.usage, /--reason/u],
      ["direction-override-in-a-reason", `${ASK} \u202e`, EXIT.usage, /--reason/u],
      ["line-end-in-a-reason", `${ASK}\nx`, EXIT.usage, /--reason/u],
      ["reason-too-long", `${ASK} ${"x".repeat(501)}`, EXIT.usage, /--reason: expected at most 500/u],
      ["line-too-long", "x".repeat(17_000), EXIT.usage, /at most 16384 characters/u],
      [
        "unknown-target",
        "request pord --as root --for 5m --reason x",
        EXIT.notFound,
        /"pord"\n {2}ask for: ssh bastion request prod --as root --for 5m --reason x\n/u,
      ],
      ["unknown-request", "approve req-000000000000", EXIT.notFound, /no request req-000000000000/u],
      [
        "no-role-for-it",
        "request lab --as root --for 5m --reason x",
        EXIT.denied,
        /no role of yours covers lab/u,
      ],
      [
        "login-of-no-role",
        "request prod --as eve --for 5m --reason x",
        EXIT.denied,
        /eve on prod[^]*ask for: ssh bastion request prod --as root/u,
      ],
      [
        "too-long",
        "request prod --as root --for 9h --reason x",
        EXIT.denied,
        /at most 8h\n {2}ask for: ssh bastion request prod --as root --for 8h/u,
      ],
      [
        "no-emergency",
        "request prod --as root --role two --break-glass --reason x",
        EXIT.denied,
        /ask for approval: ssh bastion request prod [^\n]*--role two --reason x\n/u,
      ],
      ["others-access", "explain bob prod root", EXIT.notPermitted, /your own access only/u],
      ["admins-only", "lock bob --reason x", EXIT.notPermitted, /lock is for admins only/u],
    ] as const) {
      it(`refuses ${row}, and says what would do`, async () => {
        const { bench } = shared;
        const said = await ssh(bench, "alice", line);
        assert.equal(said.exit, exit, said.stderr);
        assert.match(said.stderr, says);
        assert.match(said.stderr, /^[\n -~]+$/u, "nothing foreign is repeated raw");
        assert.equal(said.stdout, "");
        assert.deepEqual(
          (await bench.history()).filter((type) => type.startsWith("request")),
          [],
        );
      });
    }
  });

  describe("asking and getting in", () => {
    it("gives the line to paste to who may approve, and to nobody else", async () => {
      const bench = await RequestBench.open();
      const id = await asked(bench);
      const { request } = bench.stateOf(id);
      const line = `ssh ${approvalUser(request)}@bastion`;
      for (const [who, sees] of [
        ["carol", true],
        ["erin", false],
        ["bob", false],
        ["alice", true],
      ] as const) {
        const { stdout } = await ssh(bench.bench, who, "requests");
        assert.equal(stdout.includes(id), sees, who);
        assert.equal(stdout.includes(line), who === "carol", who);
        const shown = await ssh(bench.bench, who, `show ${id.slice(0, 9)}`);
        assert.equal(shown.exit, sees ? EXIT.done : EXIT.notFound, who);
      }
    });

    it("hands the certificate to who waits, for the key that they logged in with", async () => {
      const bench = await RequestBench.open();
      const waiting = new FakeCarried(bench.bench, "alice", { line: `${ASK} --wait` });
      const ended = sshRunner(bench.control)(waiting);
      await waiting.said(/It lapses/u);
      const id = idIn(waiting.stderr);
      assert.equal((await ssh(bench.bench, "carol", `approve ${id} --for 10m`)).exit, EXIT.done);
      const exit = await ended;
      const { keyId, key } = certified({ exit, stdout: waiting.stdout, stderr: waiting.stderr });
      assert.match(keyId, /^alice\/grt-/u);
      assert.ok(key.blob.equals(bench.bench.alice.public.blob));
      const again = certified(await ssh(bench.bench, "alice", "cert"));
      assert.equal(again.keyId, keyId);
    });

    it("lets go of who leaves, and keeps the request", async () => {
      const bench = await RequestBench.open();
      const waiting = new FakeCarried(bench.bench, "alice", { line: `${ASK} --wait` });
      const ended = sshRunner(bench.control)(waiting);
      await waiting.said(/It lapses/u);
      waiting.leave();
      assert.equal(await ended, EXIT.interrupted);
      assert.equal(bench.control.state.openRequests.size, 1);
    });

    it("tells who waits of a no, and of its reason", async () => {
      const bench = await RequestBench.open();
      const waiting = new FakeCarried(bench.bench, "alice", { line: `${ASK} --wait` });
      const ended = sshRunner(bench.control)(waiting);
      await waiting.said(/It lapses/u);
      await ssh(bench.bench, "carol", `deny ${idIn(waiting.stderr)} --reason not during the freeze`);
      assert.equal(await ended, EXIT.denied);
      assert.match(waiting.stderr, /denied by carol: not during the freeze/u);
      assert.equal(waiting.stdout, "");
    });

    it("certifies another key that is given, as a line or on stdin", async () => {
      const bench = await RequestBench.open();
      await bench.granted();
      const line = encodePublicKeyLine(bench.bench.keyOf("laptop").public, "alice@laptop");
      for (const said of [
        await ssh(bench.bench, "alice", `cert --key ${line}`),
        await ssh(bench.bench, "alice", "cert --key -", { input: `${line}\n` }),
      ])
        assert.ok(certified(said).key.blob.equals(bench.bench.keyOf("laptop").public.blob));
      const path = await ssh(bench.bench, "alice", "cert --key /home/alice/.ssh/id.pub");
      assert.deepEqual([path.exit, /cert --key - </u.test(path.stderr)], [EXIT.usage, true]);
      const flood = await ssh(bench.bench, "alice", "cert --key -", { input: "x".repeat(20_000) });
      assert.equal(flood.exit, EXIT.usage);
    });

    it("has no certificate for who has no grant, and gives nobody a grant of their own", async () => {
      const { bench } = await RequestBench.open();
      const none = await ssh(bench, "alice", "cert");
      assert.equal(none.exit, EXIT.denied);
      assert.match(none.stderr, /ask for one: ssh bastion request TARGET --as LOGIN/u);
    });

    it("asks for all that labels mean", async () => {
      const bench = await RequestBench.open();
      const id = await asked(bench, "request --selector env=prod --as root --role one --reason x");
      assert.deepEqual(bench.stateOf(id).request.targets, ["prod"]);
      const none = await ssh(bench.bench, "alice", "request --selector env=moon --as root --reason x");
      assert.equal(none.exit, EXIT.notFound);
    });

    it("offers what the role still gives to who extends too far", async () => {
      const bench = await RequestBench.open();
      const { id } = await bench.granted();
      const far = await ssh(bench.bench, "alice", `extend ${id} --for 3h --reason x`);
      assert.equal(far.exit, EXIT.denied);
      assert.match(far.stderr, /ask for: ssh bastion extend grt-\w+ --for 1h30m --reason x/u);
      const near = await ssh(bench.bench, "alice", `extend ${id} --for 10m --reason nearly done`);
      assert.equal(near.exit, EXIT.done, near.stderr);
      assert.match(near.stdout, /^grt-\w+: alice on prod as root until .*\(40m\)/u);
      const asks = await ssh(bench.bench, "alice", `extend ${id} --for 10m --reason once more`);
      assert.match(asks.stdout, /10m more of grt-/u);
    });
  });

  describe("a signed approval", () => {
    it("is the login itself, and says what was approved", async () => {
      const bench = await RequestBench.open();
      const id = await asked(bench, ASK.replace("--role one", "--role signed"));
      const { request } = bench.stateOf(id);
      const plain = await ssh(bench.bench, "carol", `approve ${id}`);
      assert.equal(plain.exit, EXIT.denied);
      assert.ok(plain.stderr.includes(`ssh ${approvalUser(request)}@bastion`));
      const signed = await ssh(bench.bench, "carol", "", { user: approvalUser(request) });
      assert.equal(signed.exit, EXIT.done, signed.stderr);
      assert.match(
        signed.stdout,
        /^carol approved req-\w+, signed: alice on prod as root for 30m\nReason: INC-42 it can't/u,
      );
      const [approval] = bench.stateOf(id).approvals;
      assert.deepEqual([approval?.signed, approval?.evidence?.user], [true, approvalUser(request)]);
      const { stdout } = await ssh(bench.bench, "carol", `show ${id} --json`);
      assert.match(stdout, /"signature": "[A-Za-z0-9+/]+=*"/u);
    });

    it("takes no command, no half of it, and no other request's digest", async () => {
      const bench = await RequestBench.open();
      const user = approvalUser(bench.stateOf(await asked(bench)).request);
      const other = user.replace(/[0-9a-f]$/u, (digit) => (digit === "0" ? "1" : "0"));
      for (const [line, as, exit] of [
        ["requests", user, EXIT.usage],
        ["", user.slice(0, -1), EXIT.usage],
        ["", "approve.req-7k2m", EXIT.usage],
        ["", other, EXIT.denied],
      ] as const) {
        const said = await ssh(bench.bench, "carol", line, { user: as });
        assert.equal(said.exit, exit, said.stderr);
      }
      assert.equal(bench.control.state.openRequests.size, 1);
      const own = await ssh(bench.bench, "alice", "", { user });
      assert.equal(own.exit, EXIT.denied);
      assert.match(own.stderr, /nobody approves their own/u);
    });
  });

  it("hands auditors a recording as it lies there, sealed, and says where it is opened", async () => {
    const bench = await Bench.open({ more: { top: "auditors: [engineers]\n" } });
    const { blob } = await bench.issue();
    const opened = await (await bench.proxy()).open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    const none = await ssh(bench, "bob", `export ${opened.session}`);
    assert.equal(none.exit, EXIT.notFound);
    mkdirSync(dirname(opened.recordingPath), { recursive: true });
    writeFileSync(opened.recordingPath, "sealed ".repeat(20_000));
    const said = await ssh(bench, "bob", `export ${opened.session}`);
    assert.equal(said.stdout, "sealed ".repeat(20_000));
    assert.equal((await bench.history()).at(-1), "recording.read");
    const replay = await ssh(bench, "bob", `replay ${opened.session}`);
    assert.equal(replay.exit, EXIT.failed);
    assert.match(replay.stderr, /ssh bastion export ses-\w+ > ses-\w+\.bsr && bascule replay/u);
  });

  it("tells who waits that the bastion is being stopped", async () => {
    const bench = await RequestBench.open();
    const waiting = new FakeCarried(bench.bench, "alice", { line: `${ASK} --wait` });
    const ended = sshRunner(bench.control)(waiting);
    await waiting.said(/It lapses/u);
    await bench.control.close();
    assert.equal(await ended, EXIT.tryLater);
  });

  it("knows nobody any more who was locked or left the policy since they logged in", async () => {
    const bench = await RequestBench.open();
    await bench.control.cuts.lock({ kind: "identity", name: "carol" }, "admin@local", "laptop stolen");
    assert.equal((await ssh(bench.bench, "carol", "requests")).exit, EXIT.denied);
    const carried = new FakeCarried(bench.bench, "alice", { line: "whoami" });
    const stranger = Object.assign(carried, { caller: { ...carried.caller, identity: "eve" } });
    assert.equal(await sshRunner(bench.control)(stranger), EXIT.denied);
    assert.equal(stranger.stdout, "");
  });
});
