import assert from "node:assert/strict";
import { parseCertificateLine } from "../../../src/certificate/index.js";
import { prove } from "./bench.js";
import { MINUTE, reasonOf, RequestBench } from "./request-bench.js";

describe("control/request-desk", () => {
  describe("asking", () => {
    it("gives what policy gives to everybody at once, and says that nobody was asked", async () => {
      const bench = await RequestBench.open();
      const { request, grant } = await bench.ask("oncall");
      assert.deepEqual([grant?.how, grant?.approvers], ["automatic", []]);
      assert.deepEqual([request.outcome?.kind, bench.control.state.openRequests.size], ["granted", 0]);
      assert.equal(bench.control.state.grants.get(grant?.id as never)?.by, "bastion@local");
      assert.deepEqual(await bench.events(), ["request.made", "grant.issued"]);
    });

    it("lets somebody in at once in an emergency, and leaves a review open until somebody else closes it", async () => {
      const bench = await RequestBench.open();
      const { grant } = await bench.ask("one", { breakGlass: true });
      assert.ok(grant);
      assert.equal(grant.how, "break-glass");
      assert.deepEqual([...bench.control.state.openReviews], [grant.id]);
      const review = { grant: grant.id, comment: "looked at the recording" };
      assert.equal(reasonOf(await bench.desk.review({ ...review, by: "alice" })), "own-grant");
      await bench.control.cuts.revokeGrant(grant.id, "admin@local", "done");
      assert.equal(reasonOf(await bench.desk.review({ ...review, by: "carol" })), "ok");
      assert.equal(bench.control.state.openReviews.size, 0);
    });

    it("refuses an emergency where the role knows none", async () => {
      const bench = await RequestBench.open();
      const ask = { identity: "alice", targets: ["prod"], logins: ["root"], durationMs: MINUTE, reason: "x" };
      const refused = await bench.desk.ask({ ...ask, role: "two", breakGlass: true });
      assert.equal(reasonOf(refused), "break-glass-not-allowed");
      assert.deepEqual(await bench.events(), []);
    });

    it("takes one of two same requests that come at once", async () => {
      const bench = await RequestBench.open();
      const ask = { identity: "alice", targets: ["prod"], logins: ["root"], durationMs: MINUTE, reason: "x" };
      const both = [1, 2].map(() => bench.desk.ask({ ...ask, role: "one", breakGlass: false }));
      assert.deepEqual((await Promise.all(both)).map(reasonOf), ["ok", "already-asked"]);
    });
  });

  describe("approving", () => {
    it("counts different people, and gives the grant with the last of them", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("two");
      const first = await bench.desk.approve({ request, by: "carol", comment: "go" });
      assert.ok(first.ok);
      assert.deepEqual([first.grant, first.missing], [undefined, [{ count: 1, from: ["approvers"] }]]);
      assert.equal(reasonOf(await bench.desk.approve({ request, by: "carol" })), "approved-before");
      const second = await bench.desk.approve({ request, by: "dave" });
      assert.ok(second.ok);
      assert.deepEqual([second.missing, second.grant?.approvers], [[], ["carol", "dave"]]);
      assert.equal(second.grant?.how, "approved");
      assert.equal(second.request.outcome?.kind, "granted");
    });

    it("wants one from each group where the role says so", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("both");
      await bench.desk.approve({ request, by: "carol" });
      const other = await bench.desk.approve({ request, by: "dave" });
      assert.ok(other.ok);
      assert.deepEqual(other.missing, [{ count: 1, from: ["security"] }]);
      const last = await bench.desk.approve({ request, by: "erin" });
      assert.ok(last.ok && last.grant);
    });

    for (const { row, by, reason } of [
      { row: "the-requester", by: "zoe", reason: "own-request" },
      { row: "somebody-of-no-group", by: "bob", reason: "not-an-approver" },
      { row: "the-admin-at-the-machine", by: "admin@local", reason: "not-an-approver" },
    ]) {
      it(`refuses ${row}, and writes nothing down`, async () => {
        const bench = await RequestBench.open();
        const request = await bench.waiting("one", { identity: "zoe" });
        assert.equal(reasonOf(await bench.desk.approve({ request, by })), reason);
        assert.deepEqual(await bench.events(), ["request.made"]);
      });
    }

    it("starts the clock when it is approved, not when it was asked for", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      bench.clocks.pass(20 * MINUTE);
      const approved = await bench.desk.approve({ request, by: "carol" });
      assert.ok(approved.ok && approved.grant);
      const { fromMs, untilMs } = approved.grant;
      assert.deepEqual([fromMs, untilMs - fromMs], [bench.clocks.wall, 30 * MINUTE]);
    });

    it("starts it at the later beginning that was asked for, and ends it by the shortest yes", async () => {
      const bench = await RequestBench.open();
      const fromMs = bench.clocks.wall + 10 * MINUTE + 1;
      const request = await bench.waiting("two", { fromMs });
      await bench.desk.approve({ request, by: "carol", durationMs: 10 * MINUTE });
      const approved = await bench.desk.approve({ request, by: "dave", durationMs: 20 * MINUTE });
      assert.ok(approved.ok && approved.grant);
      assert.equal(approved.grant.fromMs, fromMs);
      assert.equal(approved.grant.untilMs, fromMs - 1 + 10 * MINUTE + 1000);
    });

    it("gives one grant for two approvals that come at once", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const answers = await Promise.all(["carol", "dave"].map((by) => bench.desk.approve({ request, by })));
      assert.deepEqual(answers.map(reasonOf), ["ok", "not-open"]);
      assert.equal(bench.control.state.grants.size, 1);
    });

    it("counts both of two that are needed and come at once", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("two");
      const answers = await Promise.all(["carol", "dave"].map((by) => bench.desk.approve({ request, by })));
      assert.deepEqual(answers.map(reasonOf), ["ok", "ok"]);
      assert.deepEqual(await bench.events(), [
        ...["request.made", "request.approved", "request.approved", "grant.issued"],
      ]);
    });

    it("takes back what policy no longer gives by then, and says why", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("two");
      await bench.desk.approve({ request, by: "carol" });
      await bench.changePolicy("count: 2", "count: 3");
      const last = await bench.desk.approve({ request, by: "dave" });
      assert.ok(last.ok);
      assert.equal(last.grant, undefined);
      assert.deepEqual(last.request.outcome, {
        ...{ kind: "cancelled", by: "bastion@local", atMs: bench.clocks.wall },
        reason: "role two now wants other approvals: ask again",
      });
    });

    it("refuses a yes to what the role no longer gives for so long", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one", { durationMs: 90 * MINUTE });
      await bench.changePolicy("maxDuration: 2h", "maxDuration: 1h");
      assert.equal(reasonOf(await bench.desk.approve({ request, by: "carol" })), "role-narrowed");
    });
  });

  describe("ending", () => {
    it("is denied by one no, and stays so whoever says yes at that moment", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const [denied, approved] = await Promise.all([
        bench.desk.deny({ request, by: "dave", reason: "not today" }),
        bench.desk.approve({ request, by: "carol" }),
      ]);
      assert.deepEqual([denied, approved].map(reasonOf), ["ok", "not-open"]);
      assert.equal(bench.control.state.grants.size, 0);
      assert.deepEqual(bench.stateOf(request).outcome, {
        ...{ kind: "denied", by: "dave", reason: "not today", atMs: bench.clocks.wall },
      });
    });

    it("is granted for good when the yes came first", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const answers = await Promise.all([
        bench.desk.approve({ request, by: "carol" }),
        bench.desk.deny({ request, by: "dave", reason: "not today" }),
        bench.desk.cancel({ request, by: "alice" }),
      ]);
      assert.deepEqual(answers.map(reasonOf), ["ok", "not-open", "not-open"]);
    });

    it("is cancelled by nobody but who asked", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      assert.equal(reasonOf(await bench.desk.cancel({ request, by: "carol" })), "not-yours");
      const cancelled = await bench.desk.cancel({ request, by: "alice", reason: "found it" });
      assert.ok(cancelled.ok);
      assert.equal(cancelled.request.outcome?.kind, "cancelled");
    });

    it("lapses by itself when nobody decided in time, and cannot be approved in its last second", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const outcome = bench.desk.settled(request, new AbortController().signal);
      bench.clocks.pass(60 * MINUTE - 1);
      assert.equal(reasonOf(await bench.desk.approve({ request, by: "carol" })), "lapsed");
      bench.clocks.pass(1);
      assert.equal((await outcome).outcome?.kind, "lapsed");
      assert.equal((await bench.events()).at(-1), "request.lapsed");
    });
  });

  describe("waiting", () => {
    it("resolves for everybody who waits, also for who comes after the outcome", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const { signal } = new AbortController();
      const waits = [1, 2].map(() => bench.desk.settled(request, signal));
      await bench.desk.approve({ request, by: "carol" });
      const told = [...(await Promise.all(waits)), await bench.desk.settled(request, signal)];
      assert.deepEqual(
        told.map(({ outcome }) => outcome?.kind),
        ["granted", "granted", "granted"],
      );
    });

    it("rejects when whoever waits has gone, and when the bastion stops", async () => {
      const bench = await RequestBench.open();
      const request = await bench.waiting("one");
      const gone = new AbortController();
      const first = bench.desk.settled(request, gone.signal);
      const second = bench.desk.settled(request, new AbortController().signal);
      const stopped = assert.rejects(second, { code: "stopping" });
      gone.abort(new Error("gone"));
      await assert.rejects(first, { message: "gone" });
      await assert.rejects(bench.desk.settled(request, gone.signal), { message: "gone" });
      await bench.control.close();
      await stopped;
    });
  });

  it("tells who comes too soon that their request waits, and for whom", async () => {
    const bench = await RequestBench.open();
    await bench.ask("oncall");
    const answer = await bench.control.grants.certify({ identity: "alice", by: "alice" });
    assert.ok(answer.ok);
    const request = await bench.waiting("one", { logins: ["postgres"] });
    const { blob } = parseCertificateLine(answer.certificate).certificate;
    const proxy = await bench.bench.proxy();
    const refused = await proxy.open(prove(bench.bench.alice, blob, "postgres"), { login: "postgres" });
    const waits = `Your request ${request} for it waits for approval by carol, dave, zoe. See: ssh bastion requests`;
    const says = `bascule: alice has no live grant for prod as postgres. ${waits}`;
    assert.equal(refused.ok ? "" : refused.text, says);
  });

  it("answers for what there is not with a reason", async () => {
    const bench = await RequestBench.open();
    const request = "req-000000000000" as never;
    const grant = "grt-000000000000" as never;
    const by = "carol";
    const reason = "why";
    const answers = [
      await bench.desk.approve({ request, by }),
      await bench.desk.deny({ request, by, reason }),
      await bench.desk.cancel({ request, by }),
      await bench.desk.extend({ grant, by, reason, durationMs: MINUTE }),
      await bench.desk.review({ grant, by, comment: reason }),
    ];
    assert.deepEqual(answers.map(reasonOf), [
      ...["unknown-request", "unknown-request", "unknown-request", "unknown-grant", "unknown-grant"],
    ]);
  });
});
