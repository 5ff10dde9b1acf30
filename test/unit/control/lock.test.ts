import assert from "node:assert/strict";
import type { LockSubject, SessionId } from "../../../src/access/index.js";
import { encodePublicKeyLine, parseCertificateLine } from "../../../src/certificate/index.js";
import type { DecisionContext } from "../../../src/control/decision-context.js";
import { LiveSessions } from "../../../src/control/sessions/live-sessions.js";
import { lock } from "../../../src/control/grants/lock.js";
import { emptyState, fold } from "../../../src/access/index.js";
import { grantIssued, grantId, certificateIssued, sessionStarted } from "../access/sample.js";
import { prove } from "./bench.js";
import { reasonOf, RequestBench } from "./request-bench.js";

/** Alice is root on prod; what is needed to come again. */
async function inSession() {
  const bench = await RequestBench.open();
  await bench.ask("oncall");
  const answer = await bench.control.grants.certify({ identity: "alice", by: "alice" });
  assert.ok(answer.ok);
  const { blob } = parseCertificateLine(answer.certificate).certificate;
  const proxy = await bench.bench.proxy();
  const open = () => proxy.open(prove(bench.bench.alice, blob, "root"));
  const opened = await open();
  assert.ok(opened.ok);
  return { bench, proxy, open, serial: answer.serial, session: opened.session as SessionId };
}

const BY = "admin@local";

describe("control/lock", () => {
  const subjects: readonly {
    readonly row: string;
    readonly of: (serial: string) => LockSubject;
    readonly says: RegExp;
  }[] = [
    {
      row: "identity",
      of: () => ({ kind: "identity", name: "alice" }),
      says: /^bascule: alice is locked \(stolen\)/,
    },
    {
      row: "target",
      of: () => ({ kind: "target", name: "prod" }),
      says: /^bascule: prod is locked \(stolen\)/,
    },
    {
      row: "serial",
      of: (name) => ({ kind: "serial", name }),
      says: /^bascule: certificate \d+ is locked \(stolen\)/,
    },
  ];
  for (const { row, of, says } of subjects) {
    it(`cuts the sessions of a locked ${row}, and lets none begin until it is lifted`, async () => {
      const { bench, proxy, open, serial, session } = await inSession();
      const subject = of(serial);
      assert.deepEqual(await bench.control.cuts.lock(subject, BY, "stolen"), [session]);
      const cut = await proxy.order("cut");
      assert.equal(cut.reason, "locked");
      assert.match(cut.text, /was locked by admin@local: stolen$/);
      assert.equal(bench.control.state.sessions.get(session)?.cut?.reason, "locked");
      const refused = await open();
      assert.equal(reasonOf(refused), "locked");
      assert.match(refused.ok ? "" : refused.text, says);
      await bench.control.cuts.unlock(subject, BY, "found");
      assert.equal(reasonOf(await open()), "ok");
      assert.deepEqual(
        (await bench.events()).filter((type) => type.startsWith("lock.") || type === "session.cut"),
        ["lock.set", "session.cut", "lock.lifted"],
      );
    });
  }

  it("leaves the sessions of others alone, and writes nothing down for a lock that is not there", async () => {
    const { bench } = await inSession();
    assert.deepEqual(await bench.control.cuts.lock({ kind: "identity", name: "bob" }, BY, "x"), []);
    await bench.control.cuts.unlock({ kind: "target", name: "lab" }, BY, "x");
    assert.equal((await bench.events()).at(-1), "lock.set");
  });

  it("stands in the way of asking, approving and issuing, and of the front", async () => {
    const { bench, proxy } = await inSession();
    const request = await bench.waiting("one");
    await bench.control.cuts.lock({ kind: "identity", name: "carol" }, BY, "stolen");
    assert.equal(reasonOf(await bench.desk.approve({ request, by: "carol" })), "locked");
    const { bench: inner } = bench;
    const proof = prove(inner.keyOf("carol"), inner.keyOf("carol").public.blob, "x");
    const identified = await proxy.call("identify", { proof, clientAddress: "192.0.2.7" });
    assert.equal(reasonOf(identified), "locked");
    await bench.control.cuts.lock({ kind: "target", name: "prod" }, BY, "broken");
    const ask = { identity: "zoe", targets: ["prod"], logins: ["root"], durationMs: 60_000, reason: "x" };
    assert.equal(reasonOf(await bench.desk.ask({ ...ask, breakGlass: false })), "locked");
    assert.equal(reasonOf(await bench.control.grants.issue({ ...ask, by: BY })), "locked");
    assert.equal(reasonOf(await bench.desk.approve({ request, by: "dave" })), "locked");
  });

  it("cannot be got round by giving oneself a grant", async () => {
    const { bench } = await inSession();
    const ask = { identity: "zoe", targets: ["prod"], logins: ["root"], durationMs: 60_000, reason: "x" };
    assert.equal(reasonOf(await bench.control.grants.issue({ ...ask, by: "zoe" })), "own-grant");
  });

  it("leaves it to the machine itself to certify a key of one's choice in somebody's name", async () => {
    const { bench } = await inSession();
    const key = encodePublicKeyLine(bench.bench.keyOf("mallory").public);
    const ask = { identity: "alice", targets: ["prod"], logins: ["root"], durationMs: 60_000, reason: "x" };
    const issue = (by: string, line?: string) =>
      bench.control.grants.issue({ ...ask, by, ...(line !== undefined && { key: line }) });
    assert.equal(reasonOf(await issue("zoe", key)), "foreign-key");
    assert.equal(reasonOf(await issue("zoe")), "ok");
    assert.equal(reasonOf(await issue(BY, key)), "ok");
  });

  it("says nothing of a locked target to who may not know of it", async () => {
    const { bench, proxy } = await inSession();
    const issued = [...bench.control.state.certificates.values()][0];
    assert.ok(issued);
    await bench.control.cuts.lock({ kind: "target", name: "lab" }, BY, "secret audit");
    const answer = await bench.control.grants.certify({ identity: "alice", by: "alice" });
    assert.ok(answer.ok);
    const { blob } = parseCertificateLine(answer.certificate).certificate;
    const refused = await proxy.open(prove(bench.bench.alice, blob, "root"), { target: "lab" });
    assert.equal(reasonOf(refused), "no-grant");
    assert.doesNotMatch(refused.ok ? "" : refused.text, /locked|secret/);
  });

  it("sends the order to cut before the disk has answered", () => {
    const state = emptyState();
    const events = [grantIssued(), certificateIssued(), sessionStarted()];
    for (const [at, event] of events.entries()) fold(state, event, 1000 + at);
    const appended: string[] = [];
    const keeper = {
      state,
      record: ({ type }: { type: string }) => {
        appended.push(type);
        return new Promise<void>(() => undefined); // a disk that stands still
      },
    };
    const clocks = { wallMs: () => 1500, monotonicMs: () => 0 };
    const live = new LiveSessions({ keeper, clocks } as unknown as ConstructorParameters<
      typeof LiveSessions
    >[0]);
    const orders: unknown[] = [];
    const { session } = sessionStarted();
    live.attach(session, { name: "proxy-1", send: (name) => void orders.push(name) }, 2000);
    void lock({ keeper, live } as unknown as DecisionContext, { kind: "identity", name: "alice" }, BY, "x");
    live.stop();
    assert.deepEqual([orders, appended], [["cut"], ["lock.set", "session.cut"]]);
    assert.ok(state.grants.has(grantId()));
  });
});
