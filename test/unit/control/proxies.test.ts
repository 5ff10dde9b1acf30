import assert from "node:assert/strict";
import { decodeCertificate, generatePrivateKey, type PrivateKey } from "../../../src/certificate/index.js";
import { RpcError, type RecordingHead } from "../../../src/rpc/index.js";
import { Bench, prove, token } from "./bench.js";
import { FakeProxy } from "./fake-proxy.js";

const head: RecordingHead = { bytes: 900, blocks: 3, hash: "ab".repeat(32) };

describe("control/proxies", () => {
  it("sends settings to a proxy that has the token", async () => {
    const bench = await Bench.open();
    const proxy = await FakeProxy.connect(bench.control.paths.proxySocket);
    const settings = await proxy.hello(token, "p1");
    assert.equal(settings.userCas.length, 1);
    assert.equal(settings.registeredKeys.length, 2);
    assert.deepEqual(settings.bastionNames, ["bastion", "127.0.0.1", "localhost"]);
  });

  it("closes on a wrong token", async () => {
    const bench = await Bench.open();
    const proxy = await FakeProxy.connect(bench.control.paths.proxySocket);
    await assert.rejects(proxy.hello("another token", "p1"), (error: RpcError) => error.code === "CLOSED");
    await proxy.closed;
  });

  it("answers nothing before hello", async () => {
    const bench = await Bench.open();
    const proxy = await FakeProxy.connect(bench.control.paths.proxySocket);
    const publicKey = generatePrivateKey("ed25519").public.blob.toString("base64");
    await assert.rejects(
      proxy.call("certifyHostKey", { publicKey, name: "bastion" }),
      (error: RpcError) => error.code === "REMOTE",
    );
  });

  it("certifies host keys for the bastion and for known targets, exactly, and for nothing else", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const publicKey = generatePrivateKey("ed25519").public.blob.toString("base64");
    const principals = async (name: string) => {
      const { certificate } = await proxy.call("certifyHostKey", { publicKey, name });
      return decodeCertificate(Buffer.from(certificate, "base64")).principals;
    };
    assert.deepEqual(await principals("prod"), ["prod"]);
    assert.deepEqual(await principals("bastion"), ["bastion", "127.0.0.1", "localhost"]);
    for (const name of ["example.com", "prod.example.com", "*", ""])
      await assert.rejects(principals(name), (error: RpcError) => error.code === "REMOTE", name);
  });

  it("says who a registered key or a certificate is", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    for (const shown of [bench.alice.public.blob, blob]) {
      const proof = prove(bench.alice, shown, "whoever");
      const answer = await proxy.call("identify", { proof, clientAddress: "192.0.2.7" });
      assert.ok(answer.ok);
      assert.equal(answer.identity, "alice");
    }
  });

  it("lets an identity reach a target that it holds a live grant for", async () => {
    const bench = await Bench.open();
    await bench.issue();
    const proxy = await bench.proxy();
    const loginOf = async (key: PrivateKey) => {
      const proof = prove(key, key.public.blob, "whoever");
      const answer = await proxy.call("identify", { proof, clientAddress: "192.0.2.7" });
      assert.ok(answer.ok);
      return answer.login;
    };
    const [alice, bob] = [await loginOf(bench.alice), await loginOf(bench.bob)];
    const ask = (login: string, target: string, port = 22) => proxy.call("mayReach", { login, target, port });
    const reason = async (...about: Parameters<typeof ask>) => {
      const answer = await ask(...about);
      return answer.ok ? "ok" : answer.reason;
    };
    assert.equal(await reason(alice, "prod"), "ok");
    assert.equal(await reason(bob, "prod"), "no-grant");
    assert.equal(await reason(alice, "prod", 8080), "wrong-port");
    assert.equal(await reason(alice, "nosuch"), "unknown-target");
    assert.equal(await reason("another", "prod"), "login-unknown");
  });

  it("keeps heads and the end of a session that the proxy carries", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    const opened = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    proxy.report("recordingHead", { session: opened.session, head });
    proxy.report("sessionEnded", {
      session: opened.session,
      outcome: "closed",
      recording: { isClosed: true, head: { ...head, bytes: 1200 } },
    });
    await eventually(() => bench.control.state.liveSessions.size === 0);
    const [session] = bench.control.state.sessions.values();
    assert.equal(session?.ended?.outcome, "closed");
    assert.equal(session.head?.bytes, 1200);
  });

  it("believes no proxy about another one's session", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy("p1");
    const other = await bench.proxy("p2");
    const opened = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    other.report("sessionEnded", {
      session: opened.session,
      outcome: "closed",
      recording: { isClosed: true, head },
    });
    await assert.rejects(
      other.call("signLogin", { session: opened.session, data: "" }),
      (error: RpcError) => error.code === "REMOTE",
    );
    assert.equal(bench.control.state.liveSessions.size, 1);
  });

  it("writes down one stranger a minute from each address", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    for (let tries = 0; tries < 20; tries += 1)
      proxy.report("strangerRefused", { clientAddress: "192.0.2.9", reason: "unknown key" });
    await eventually(() => bench.control.proxies.strangers === 20 && bench.control.state.denials === 1);
  });
});

/** Waits until it is so; the test's own time limit ends it otherwise. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
