import assert from "node:assert/strict";
import type { GrantId, SessionId } from "../../../src/access/index.js";
import { parseCertificateLine } from "../../../src/certificate/index.js";
import { prove } from "./bench.js";
import type { FakeProxy } from "./fake-proxy.js";
import { MINUTE, reasonOf, RequestBench } from "./request-bench.js";

const reason = "not done yet";

async function opening(
  bench: RequestBench,
): Promise<{ proxy: FakeProxy; open: () => ReturnType<FakeProxy["open"]> }> {
  const answer = await bench.control.grants.certify({ identity: "alice", by: "alice" });
  assert.ok(answer.ok);
  const { blob } = parseCertificateLine(answer.certificate).certificate;
  const proxy = await bench.bench.proxy();
  return { proxy, open: () => proxy.open(prove(bench.bench.alice, blob, "root")) };
}

/** Alice is root on prod, by a grant that carol approved. */
async function inSession() {
  const bench = await RequestBench.open();
  const grant = await bench.granted();
  const { proxy, open } = await opening(bench);
  const opened = await open();
  assert.ok(opened.ok);
  return { bench, grant, proxy, session: opened.session as SessionId };
}

const extend = (bench: RequestBench, grant: GrantId, minutes: number) =>
  bench.desk.extend({ grant, by: "alice", durationMs: minutes * MINUTE, reason });

describe("control/extend-grant", () => {
  it("lets the holder have more time once, and moves the end of the session, not of the certificate", async () => {
    const { bench, grant, proxy, session } = await inSession();
    bench.clocks.pass(10 * MINUTE);
    const extended = await extend(bench, grant.id, 15);
    assert.ok(extended.ok && extended.kind === "self");
    assert.equal(extended.grant.untilMs, grant.untilMs + 15 * MINUTE);
    const order = await proxy.order("deadline");
    assert.deepEqual(order, { session, untilMs: grant.untilMs + 15 * MINUTE, remainingMs: 35 * MINUTE });
    assert.equal(bench.control.state.sessions.get(session)?.untilMs, order.untilMs);
    const [certificate] = bench.control.state.certificates.values();
    assert.equal(certificate?.validBeforeMs, grant.untilMs);
    const again = await extend(bench, grant.id, 15);
    assert.ok(again.ok && again.kind === "request");
    assert.equal(again.request.outcome, undefined);
  });

  it("keeps the session past its old end, and cuts it at the new one", async () => {
    const { bench, grant, proxy, session } = await inSession();
    await extend(bench, grant.id, 15);
    await proxy.order("deadline");
    bench.clocks.pass(44 * MINUTE);
    await new Promise((wake) => setTimeout(wake, 300)); // longer than the clock sleeps
    assert.deepEqual(proxy.orders, []);
    bench.clocks.pass(MINUTE + 1);
    const cut = await proxy.order("cut");
    assert.deepEqual([cut.session, cut.reason], [session, "grant-ended"]);
  });

  it("does not give back the time by which the wall clock was set back", async () => {
    const { bench, grant, proxy } = await inSession();
    bench.clocks.wall -= 60 * MINUTE;
    await extend(bench, grant.id, 15);
    assert.equal((await proxy.order("deadline")).remainingMs, 45 * MINUTE);
  });

  it("asks for the role's approvals beyond that, and moves the end when they are there", async () => {
    const { bench, grant, proxy } = await inSession();
    const asked = await extend(bench, grant.id, 30);
    assert.ok(asked.ok && asked.kind === "request");
    assert.equal(asked.grant, undefined);
    const { id } = asked.request.request;
    assert.equal(reasonOf(await extend(bench, grant.id, 20)), "already-asked");
    const approved = await bench.desk.approve({ request: id, by: "dave", durationMs: 20 * MINUTE });
    assert.ok(approved.ok);
    assert.equal(approved.grant?.untilMs, grant.untilMs + 20 * MINUTE);
    assert.equal((await proxy.order("deadline")).untilMs, grant.untilMs + 20 * MINUTE);
    assert.equal(bench.control.state.grants.get(grant.id)?.extensions[0]?.request, id);
  });

  it("comes with the request where the role wants nobody's approval", async () => {
    const bench = await RequestBench.open();
    const { grant } = await bench.ask("oncall");
    assert.ok(grant);
    const extended = await extend(bench, grant.id, 30);
    assert.ok(extended.ok && extended.kind === "request");
    assert.equal(extended.grant?.untilMs, grant.untilMs + 30 * MINUTE);
  });

  it("refuses a yes in the last second of the grant, and takes the request back when it is over", async () => {
    const { bench, grant } = await inSession();
    const asked = await extend(bench, grant.id, 30);
    assert.ok(asked.ok && asked.kind === "request");
    const request = asked.request.request.id;
    const outcome = bench.desk.settled(request, new AbortController().signal);
    bench.clocks.wall = grant.untilMs - 500;
    assert.equal(reasonOf(await bench.desk.approve({ request, by: "dave" })), "grant-over");
    bench.clocks.wall = grant.untilMs;
    assert.equal((await outcome).outcome?.kind, "cancelled");
    assert.equal(bench.grantOf(grant.id).untilMs, grant.untilMs);
  });

  it("extends and revokes one after the other when both come at once", async () => {
    const { bench, grant } = await inSession();
    const over = () => bench.control.cuts.revokeGrant(grant.id, "admin@local", "stop");
    const [extended] = await Promise.all([extend(bench, grant.id, 15), over()]);
    assert.ok(["ok", "grant-revoked"].includes(reasonOf(extended)));
    const held = bench.control.state.grants.get(grant.id);
    assert.deepEqual([held?.extensions.length, held?.revoked?.reason], [extended.ok ? 1 : 0, "stop"]);
  });

  it("gives two self-extensions that come at once only once", async () => {
    const { bench, grant } = await inSession();
    const both = await Promise.all([extend(bench, grant.id, 10), extend(bench, grant.id, 10)]);
    assert.deepEqual(
      both.map((answer) => (answer.ok ? answer.kind : answer.reason)),
      ["self", "request"],
    );
  });

  it("is known to the session that is being opened meanwhile, whichever is written first", async () => {
    for (const isFirst of [true, false]) {
      const bench = await RequestBench.open();
      const grant = await bench.granted();
      const { proxy, open } = await opening(bench);
      const more = () => extend(bench, grant.id, 15);
      const opened = isFirst
        ? (await Promise.all([more(), open()]))[1]
        : await Promise.all([open(), new Promise((wake) => setImmediate(wake)).then(more)]).then(
            ([one]) => one,
          );
      assert.ok(opened.ok);
      // by certificate the session would end with it; an extension moves what has begun
      const state = bench.control.state.sessions.get(opened.session as SessionId);
      const told = proxy.orders.filter(({ name }) => name === "deadline").at(-1)?.order as
        { untilMs: number } | undefined;
      assert.equal(told?.untilMs ?? opened.untilMs, state?.untilMs);
    }
  });
});
