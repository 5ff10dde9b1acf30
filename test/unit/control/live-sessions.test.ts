import assert from "node:assert/strict";
import type { GrantId, SessionId } from "../../../src/access/index.js";
import type { OpenedSession } from "../../../src/rpc/index.js";
import { Bench, MovedClocks, prove, token } from "./bench.js";
import { FakeProxy } from "./fake-proxy.js";

const none = { bytes: 0, blocks: 0, hash: "" };

async function opened(bench: Bench, proxy: FakeProxy, durationMs?: number): Promise<OpenedSession> {
  const { blob } = await bench.issue(durationMs);
  const answer = await proxy.open(prove(bench.alice, blob, "root"));
  assert.ok(answer.ok);
  return answer;
}

function sessionOf({ control }: Bench, id: string) {
  return control.state.sessions.get(id as SessionId);
}

describe("control/live-sessions", () => {
  it("cuts at the deadline by the monotonic clock, though the wall clock went back", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const proxy = await bench.proxy();
    const { session } = await opened(bench, proxy, 60_000);
    clocks.wall -= 3_600_000;
    clocks.monotonic += 60_001;
    const cut = await proxy.order("cut");
    assert.equal(cut.session, session);
    assert.equal(cut.reason, "grant-ended");
  });

  it("cuts at the deadline by the wall clock, though no time has passed", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const proxy = await bench.proxy();
    const { session } = await opened(bench, proxy, 60_000);
    clocks.wall += 60_001;
    assert.equal((await proxy.order("cut")).session, session);
  });

  it("cuts every session of a revoked grant at once, and no other", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const first = await opened(bench, proxy);
    const second = await opened(bench, proxy);
    const cut = await bench.control.cuts.revokeGrant(first.grant as GrantId, "admin@local", "left");
    assert.deepEqual(cut, [first.session]);
    const order = await proxy.order("cut");
    assert.equal(order.reason, "grant-revoked");
    assert.match(order.text, /revoked by admin@local: left/);
    assert.equal(sessionOf(bench, first.session)?.cut?.reason, "grant-revoked");
    assert.equal(sessionOf(bench, second.session)?.cut, undefined);
  });

  it("cuts the sessions of a revoked key", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const { session } = await opened(bench, proxy);
    const fingerprint = bench.control.state.certificates.values().next().value?.fingerprint ?? "";
    assert.deepEqual(await bench.control.cuts.revokeCertificate({ fingerprint }, "admin@local", "lost"), [
      session,
    ]);
  });

  it("cuts what a tightened policy no longer allows, and leaves the policy that cannot be read", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const { session } = await opened(bench, proxy);
    bench.writeConfig("[postgres]");
    const { cut, restart } = await bench.control.useConfig(await bench.config());
    assert.deepEqual([cut, restart], [[session], []]);
    assert.equal((await proxy.order("cut")).reason, "policy-changed");
    bench.writeConfig("oops");
    await assert.rejects(bench.config(), { code: "invalid" });
    assert.equal(bench.control.policy.roles.get("oncall")?.logins.join(), "postgres");
  });

  it("leaves sessions to their end when the tightened policy says so", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    await opened(bench, proxy);
    const { blob } = await bench.issue();
    bench.writeConfig("[postgres]", { top: "whenTightened: at-end\n" });
    const { cut } = await bench.control.useConfig(await bench.config());
    assert.deepEqual(cut, []);
    const again = await proxy.open(prove(bench.alice, blob, "root"));
    assert.equal(again.ok ? "opened" : again.reason, "role-narrowed");
  });

  it("repeats, once its answer has gone out, what was ordered while it was on its way", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const { grant, blob } = await bench.issue();
    const opening = proxy.open(prove(bench.alice, blob, "root"));
    const cutting = (async () => {
      while (bench.control.state.liveSessions.size === 0) await new Promise((wake) => setImmediate(wake));
      return bench.control.cuts.revokeGrant(grant as GrantId, "admin@local", "left");
    })();
    const [answer, cut] = await Promise.all([opening, cutting]);
    assert.equal(cut.length, 1);
    if (answer.ok) assert.equal((await proxy.order("cut")).session, answer.session);
    else assert.equal(answer.reason, "grant-revoked");
  });

  it("takes up again what a proxy carried while control was away, with the same end", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy("p1");
    const { session, untilMs } = await opened(bench, proxy);
    await bench.control.abandon();
    await bench.start();
    const back = await FakeProxy.connect(bench.control.paths.proxySocket);
    await back.hello(token, "p1", [{ session, head: none, quotaBytes: 0 }]);
    const deadline = await back.order("deadline");
    assert.deepEqual([deadline.session, deadline.untilMs], [session, untilMs]);
    assert.ok(bench.control.state.liveSessions.has(session as SessionId));
  });

  it("ends, as interrupted, what a proxy comes back without", async () => {
    const bench = await Bench.open();
    const { session } = await opened(bench, await bench.proxy("p1"));
    await bench.control.abandon();
    await bench.start();
    await bench.proxy("p1");
    assert.equal(sessionOf(bench, session)?.ended?.outcome, "interrupted");
  });

  it("cuts what a proxy comes back with though the ledger holds it for over", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy("p1");
    const { session } = await opened(bench, proxy);
    await bench.control.abandon();
    await bench.start();
    await bench.proxy("p1");
    const late = await FakeProxy.connect(bench.control.paths.proxySocket);
    await late.hello(token, "p1", [{ session, head: none, quotaBytes: 0 }]);
    assert.equal((await late.order("cut")).session, session);
  });

  it("loses a proxy that does not come back, and what it carried", async function () {
    const bench = await Bench.open();
    const proxy = await bench.proxy("p1");
    const { session } = await opened(bench, proxy);
    proxy.leave();
    while (sessionOf(bench, session)?.ended === undefined) await new Promise((wake) => setTimeout(wake, 20));
    assert.equal(sessionOf(bench, session)?.ended?.outcome, "interrupted");
    while ((await bench.history()).at(-1) !== "proxy.lost") await new Promise((wake) => setTimeout(wake, 20));
  });

  it("stops in order: proxies are told, open sessions are ended in the ledger, then the stop itself", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const { session } = await opened(bench, proxy);
    const closing = bench.control.close();
    await proxy.order("shutdown");
    proxy.leave();
    await closing;
    await bench.start();
    assert.equal(sessionOf(bench, session)?.ended?.outcome, "interrupted");
    assert.deepEqual((await bench.history()).slice(-3), [
      "session.ended",
      "bastion.stopped",
      "bastion.started",
    ]);
  });
});
