import assert from "node:assert/strict";
import { connect } from "node:net";
import { parseCertificateLine } from "../../../src/certificate/index.js";
import { openCommandServer, runCommand } from "../../../src/commands/serving.js";
import {
  askControl,
  ControlUnreachable,
  EXIT,
  type Caller,
  type CommandOutcome,
} from "../../../src/commands/index.js";
import { closeAfterwards } from "../../harness/closing.js";
import { Bench, prove } from "../control/bench.js";

const admin: Caller = { name: "admin@local", isAdmin: true, isAuditor: true, via: "local" };
const alice: Caller = { name: "alice", isAdmin: false, isAuditor: false, via: "local" };
const bob: Caller = { name: "bob", isAdmin: false, isAuditor: false, via: "local" };

type Values = Readonly<Record<string, readonly string[]>>;
const issue: Values = {
  identity: ["alice"],
  target: ["prod"],
  login: ["root"],
  for: ["30m"],
  reason: ["INC-42"],
};

function run(bench: Bench, command: string, values: Values = {}, caller = admin): Promise<CommandOutcome> {
  const { signal } = new AbortController();
  const context = { control: bench.control, caller, note: () => undefined, program: "bascule", signal };
  return runCommand(context, { command, values });
}

function json(outcome: CommandOutcome): unknown {
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.message);
  return outcome.json;
}

async function session(bench: Bench): Promise<string> {
  const { blob } = await bench.issue();
  const opened = await (await bench.proxy()).open(prove(bench.alice, blob, "root"));
  assert.ok(opened.ok);
  return opened.session;
}

describe("commands/run-command", () => {
  it("issues a certificate that names the identity and its grant", async () => {
    const bench = await Bench.open();
    const outcome = await run(bench, "cert issue", issue);
    assert.ok(outcome.ok);
    const { certificate } = parseCertificateLine(outcome.text);
    assert.deepEqual(certificate.principals, ["alice"]);
    assert.match(certificate.keyId, /^alice\/grt-/);
    assert.match(outcome.notes?.[0] ?? "", /alice on prod as root until/);
    assert.deepEqual([...certificate.extensions.keys()], ["permit-port-forwarding", "permit-pty"]);
  });

  for (const [row, change, exit, says] of [
    ["an unknown identity", { identity: ["eve"] }, EXIT.notFound, /no identity eve/],
    ["an unknown target", { target: ["nosuch"] }, EXIT.notFound, /no target nosuch/],
    ["a target that no role covers", { target: ["lab"] }, EXIT.denied, /no role of alice covers lab/],
    ["a login that no role gives", { login: ["postgres", "eve"] }, EXIT.denied, /eve on prod/],
    ["a time that is too long", { for: ["9h"] }, EXIT.denied, /at most 8h/],
    ["a role that is none", { role: ["nosuch"] }, EXIT.notFound, /no role nosuch/],
    ["a key that is none", { key: ["ssh-ed25519 AAAA"] }, EXIT.usage, /--key/],
  ] as const) {
    it(`refuses to issue for ${row}, and writes nothing down`, async () => {
      const bench = await Bench.open();
      const outcome = await run(bench, "cert issue", { ...issue, ...change });
      assert.equal(outcome.exit, exit);
      assert.match(outcome.ok ? "" : outcome.message, says);
      assert.deepEqual(await bench.history(), ["bastion.started"]);
    });
  }

  it("lists sessions to everybody who may see them, and to nobody else", async () => {
    const bench = await Bench.open();
    const id = await session(bench);
    const seen = async (caller: Caller) =>
      (json(await run(bench, "sessions", {}, caller)) as readonly { session: string }[]).map(
        (one) => one.session,
      );
    assert.deepEqual(await seen(admin), [id]);
    assert.deepEqual(await seen(alice), [id]);
    assert.deepEqual(await seen(bob), []);
    assert.equal((await run(bench, "show", { id: [id] }, bob)).exit, EXIT.notFound);
  });

  it("takes a shortened id, and finds nothing for one that fits none", async () => {
    const bench = await Bench.open();
    const [first] = [await session(bench), await session(bench)];
    assert.equal(
      (json(await run(bench, "show", { id: [first.slice(0, 12)] })) as { session: string }).session,
      first,
    );
    assert.equal((await run(bench, "show", { id: ["ses-"] })).exit, EXIT.notFound);
    assert.equal((await run(bench, "show", { id: ["ses-nosuch"] })).exit, EXIT.notFound);
  });

  it("cuts a live session, and says why in its story", async () => {
    const bench = await Bench.open();
    const id = await session(bench);
    assert.equal((await run(bench, "kill", { session: [id], reason: ["enough"] })).exit, EXIT.done);
    assert.match(JSON.stringify(json(await run(bench, "show", { id: [id] }))), /"reason":"killed"/);
  });

  it("revokes by grant, by session, by serial and by key, one at a time", async () => {
    const bench = await Bench.open();
    const id = await session(bench);
    const why = { reason: ["lost"] };
    const { serial, fingerprint } = bench.control.state.certificates.values().next().value ?? {};
    assert.equal((await run(bench, "revoke", { ...why, serial: [serial ?? ""] })).exit, EXIT.done);
    assert.equal((await run(bench, "revoke", { ...why, serial: ["4711"] })).exit, EXIT.notFound);
    assert.equal((await run(bench, "revoke", { ...why, key: [fingerprint ?? ""] })).exit, EXIT.done);
    assert.equal((await run(bench, "revoke", { ...why, id: [id] })).exit, EXIT.done);
    assert.equal((await run(bench, "revoke", { ...why, id: [id] })).exit, EXIT.failed);
    assert.equal((await run(bench, "revoke", why)).exit, EXIT.usage);
  });

  it("writes down who is about to read a recording before it says where it is", async () => {
    const bench = await Bench.open();
    const id = await session(bench);
    const place = json(await run(bench, "replay", { session: [id] })) as { path: string; isLive: boolean };
    assert.ok(place.path.endsWith(`${id}.bsr`) && place.isLive);
    assert.equal((await bench.history()).at(-1), "recording.read");
  });

  it("keeps commands to those they are for", async () => {
    const bench = await Bench.open();
    for (const name of ["cert issue", "kill", "revoke", "doctor", "replay", "verify"])
      assert.equal((await run(bench, name, {}, alice)).exit, EXIT.notPermitted, name);
    assert.equal((await run(bench, "nosuch")).exit, EXIT.usage);
    assert.equal((await run(bench, "whoami", {}, alice)).exit, EXIT.done);
  });

  it("finds a recording that is missing though the ledger promised it", async () => {
    const bench = await Bench.open();
    await session(bench);
    const first = await run(bench, "verify");
    assert.equal(first.exit, EXIT.done, first.ok ? first.text : first.message);
    const proxy = await bench.proxy("p9");
    const { blob } = await bench.issue();
    const opened = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    proxy.report("recordingHead", {
      session: opened.session,
      head: { bytes: 9, blocks: 2, hash: "ab".repeat(32) },
    });
    while (bench.control.state.sessions.get(opened.session as never)?.head === undefined)
      await new Promise((wake) => setTimeout(wake, 5));
    assert.equal((await run(bench, "verify")).exit, EXIT.verificationFailed);
  });

  it("prints the host CA as the one line that clients trust", async () => {
    const bench = await Bench.open();
    const { knownHosts, sshConfig } = json(await run(bench, "config")) as Record<string, string>;
    assert.match(knownHosts ?? "", /^@cert-authority \* ssh-ed25519 AAAA/);
    assert.match(sshConfig ?? "", /Host prod lab\n {2}ProxyJump bastion/);
  });
});

describe("commands/command-server", () => {
  it("does a command asked for over the socket, and refuses what is no request", async () => {
    const bench = await Bench.open();
    const server = await openCommandServer(bench.control);
    closeAfterwards(() => server.close());
    const path = bench.control.paths.controlSocket;
    const outcome = await askControl(path, { command: "whoami", values: {} }, { onNote: () => undefined });
    assert.match(outcome.ok ? outcome.text : "", /admin@local/);
    for (const line of [
      "nonsense",
      "[]",
      '{"command":1,"values":{}}',
      '{"command":"whoami","values":{"a":1}}',
    ]) {
      assert.match(await rawAnswer(path, line), /"exit":2/, line);
    }
  });

  it("says that nobody is there", async () => {
    const bench = await Bench.open();
    const path = bench.control.paths.controlSocket;
    await assert.rejects(
      askControl(path, { command: "whoami", values: {} }, { onNote: () => undefined }),
      ControlUnreachable,
    );
  });
});

function rawAnswer(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(`${line}\n`));
    socket.on("data", (bytes) => (text += bytes.toString()));
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}
