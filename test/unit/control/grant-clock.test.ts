import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { GrantId } from "../../../src/access/index.js";
import { Bench, MovedClocks, prove, token } from "./bench.js";
import { FakeProxy } from "./fake-proxy.js";
import { RequestBench, MINUTE } from "./request-bench.js";

const HOUR = 60 * MINUTE;

/** Until the clock of control has looked: it looks four times a second, or when it is due. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

const endedAt = ({ control }: Bench, grant: string) =>
  control.state.grants.get(grant as GrantId)?.ended?.atMs;

describe("control/grant-clock", () => {
  const clocksOver: readonly [name: string, pass: (clocks: MovedClocks) => void][] = [
    ["wall", (clocks) => (clocks.wall += 10 * MINUTE)],
    ["monotonic, the wall clock set back", (clocks) => (clocks.monotonic += 10 * MINUTE)],
  ];
  for (const [name, pass] of clocksOver)
    it(`ends a grant by the clock that is first: ${name}`, async () => {
      const clocks = new MovedClocks();
      const bench = await Bench.open({ clocks });
      const { grant, blob } = await bench.issue(10 * MINUTE);
      const proxy = await bench.proxy();
      const issuedAtMs = clocks.wall;
      pass(clocks);
      await until(() => endedAt(bench, grant) !== undefined);
      clocks.wall = issuedAtMs + MINUTE;
      const answer = await proxy.open(prove(bench.alice, blob, "root"));
      assert.ok(!answer.ok);
      assert.equal(answer.reason, "expired");
      const again = await bench.control.grants.certify({ identity: "alice", by: "alice" });
      assert.ok(!again.ok && again.reason === "no-live-grant");
      const types = await bench.history();
      assert.equal(types.filter((type) => type === "grant.ended").length, 1);
    });

  it("cuts a session that began after the clock was set back, when the grant's time is over", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const { grant, blob } = await bench.issue(MINUTE);
    clocks.pass(40_000);
    clocks.wall -= 30_000;
    const proxy = await bench.proxy();
    const answer = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(answer.ok);
    clocks.pass(20_000);
    const cut = await proxy.order("cut");
    assert.deepEqual([cut.session, cut.reason], [answer.session, "grant-ended"]);
    await until(() => endedAt(bench, grant) !== undefined);
  });

  it("settles at the start what ended while it was away, before anybody is let in", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const { grant } = await bench.issue(MINUTE);
    const other = await bench.issue(HOUR);
    await bench.control.abandon();
    clocks.pass(2 * MINUTE);
    await bench.start();
    assert.equal(endedAt(bench, grant), clocks.wall);
    assert.equal(endedAt(bench, other.grant), undefined);
  });

  it("is not deceived by a clock set back while it was away: what the ledger saw go by is gone", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const first = await bench.issue(MINUTE);
    clocks.pass(MINUTE - 10);
    await bench.control.cuts.lock({ kind: "target", name: "lab" }, "admin@local", "some entry at this time");
    await bench.control.abandon();
    clocks.wall -= HOUR;
    await bench.start();
    clocks.pass(10);
    await until(() => endedAt(bench, first.grant) !== undefined);
  });

  it("tells a proxy that comes back to cut what ended meanwhile", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const proxy = await bench.proxy();
    const { blob } = await bench.issue(MINUTE);
    const answer = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(answer.ok);
    await bench.control.abandon();
    clocks.pass(2 * MINUTE);
    await bench.start();
    clocks.wall -= HOUR;
    const back = await FakeProxy.connect(bench.control.paths.proxySocket);
    const head = { bytes: 0, blocks: 0, hash: "" };
    await back.hello(token, "p1", [{ session: answer.session, head, quotaBytes: 0 }]);
    const cut = await back.order("cut");
    assert.deepEqual([cut.session, cut.reason], [answer.session, "grant-ended"]);
  });

  it("lets an extension move the end on both clocks", async () => {
    const bench = await RequestBench.open();
    const held = await bench.granted();
    const ask = { grant: held.id, by: "alice", durationMs: 10 * MINUTE, reason: "not done" };
    const extended = await bench.desk.extend(ask);
    assert.ok(extended.ok && extended.kind === "self");
    bench.clocks.pass(held.untilMs - bench.clocks.wall + MINUTE);
    await sleep(300); // a look at the clocks, and more
    assert.equal(endedAt(bench.bench, held.id), undefined);
    bench.clocks.pass(10 * MINUTE);
    await until(() => endedAt(bench.bench, held.id) !== undefined);
  });
});

describe("control/request-clock", () => {
  it("lets a request lapse by the monotonic clock, though the wall clock went back", async () => {
    const bench = await RequestBench.open();
    const request = await bench.waiting("two");
    bench.clocks.monotonic += 61 * MINUTE;
    bench.clocks.wall -= HOUR;
    await until(() => bench.control.state.requests.get(request)?.outcome?.kind === "lapsed");
  });
});

describe("control/clock-watch", () => {
  it("sees the wall clock step against the monotonic one, and an entry older than the one before it", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const steps = () => bench.control.clockSteps;
    assert.deepEqual([steps().step, steps().setBack], [undefined, undefined]);
    clocks.pass(HOUR);
    clocks.wall -= 2 * MINUTE;
    await bench.issue();
    assert.equal(steps().setBack, undefined); // time passed, and more than was taken back
    clocks.wall -= HOUR;
    await bench.issue();
    assert.equal(steps().setBack?.byMs, HOUR);
    await until(() => steps().step !== undefined);
    assert.ok((steps().step?.byMs ?? 0) <= -2 * MINUTE);
  });
});
