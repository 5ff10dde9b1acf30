import assert from "node:assert/strict";
import { emptyState, fold, type AccessEvent } from "../../../src/access/index.js";
import {
  certificateIssued,
  FINGERPRINT,
  grantId,
  grantIssued,
  HASH,
  sessionId,
  sessionStarted,
  stateOf,
} from "./sample.js";

const open = [grantIssued(), certificateIssued(), sessionStarted({ serial: "7" })];
const ended = (
  outcome: "closed" | "cut" | "interrupted",
  head?: { bytes: number; blocks: number; hash: string },
): AccessEvent => ({
  type: "session.ended",
  session: sessionId(),
  outcome,
  ...(head && { head }),
});
const head = (bytes: number): AccessEvent => ({
  type: "recording.head",
  session: sessionId(),
  bytes,
  blocks: 1,
  hash: HASH,
});

describe("access/fold", () => {
  it("knows who holds which grant, and since when", () => {
    const state = stateOf(
      grantIssued(),
      grantIssued({ id: grantId(2) }),
      grantIssued({ id: grantId(3), identity: "bob" }),
    );
    assert.deepEqual([...(state.grantsOf.get("alice") ?? [])], [grantId(1), grantId(2)]);
    assert.deepEqual([...(state.grantsOf.get("bob") ?? [])], [grantId(3)]);
    assert.equal(state.grants.get(grantId(2))?.issuedAtMs, 2);
  });

  it("keeps the first revocation of a grant, a certificate and a key", () => {
    const state = stateOf(
      ...open,
      { type: "grant.revoked", grant: grantId(), by: "bob", reason: "first" },
      { type: "grant.revoked", grant: grantId(), by: "alice", reason: "second" },
      { type: "certificate.revoked", serial: "7", by: "bob", reason: "first" },
      { type: "certificate.revoked", serial: "7", by: "alice", reason: "second" },
      { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "first" },
      { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "alice", reason: "second" },
    );
    assert.deepEqual(state.grants.get(grantId())?.revoked, { atMs: 4, by: "bob", reason: "first" });
    assert.deepEqual(state.certificates.get("7")?.revoked, { atMs: 6, by: "bob", reason: "first" });
    assert.deepEqual(state.revokedKeys.get(FINGERPRINT), { atMs: 8, by: "bob", reason: "first" });
  });

  it("counts a session as live from its start to its end", () => {
    assert.deepEqual([...stateOf(...open).liveSessions], [sessionId()]);
    const state = stateOf(...open, ended("closed"));
    assert.equal(state.liveSessions.size, 0);
    assert.deepEqual(state.sessions.get(sessionId())?.ended, { atMs: 4, outcome: "closed" });
  });

  it("keeps the first end and the first cut", () => {
    const cut: AccessEvent = { type: "session.cut", session: sessionId(), reason: "killed", by: "bob" };
    const state = stateOf(...open, cut, { ...cut, reason: "shutdown" }, ended("cut"), ended("interrupted"));
    assert.equal(state.sessions.get(sessionId())?.cut?.reason, "killed");
    assert.equal(state.sessions.get(sessionId())?.ended?.outcome, "cut");
  });

  it("keeps the longest head, wherever it came from", () => {
    const state = stateOf(
      ...open,
      head(10),
      head(30),
      head(20),
      ended("closed", { bytes: 25, blocks: 1, hash: HASH }),
    );
    assert.equal(state.sessions.get(sessionId())?.head?.bytes, 30);
    assert.equal(state.sessions.get(sessionId())?.head?.atMs, 5);
    const longer = stateOf(...open, head(10), ended("closed", { bytes: 40, blocks: 2, hash: HASH }));
    assert.equal(longer.sessions.get(sessionId())?.head?.bytes, 40);
  });

  it("interrupts what a lost proxy carried, and nothing else", () => {
    const other = sessionStarted({ session: sessionId(2), proxy: "proxy-2" });
    const state = stateOf(...open, other, { type: "proxy.lost", proxy: "proxy-1" });
    assert.deepEqual([...state.liveSessions], [sessionId(2)]);
    assert.equal(state.sessions.get(sessionId())?.ended?.outcome, "interrupted");
  });

  it("knows the policy in force and whether control stopped in order", () => {
    const started: AccessEvent = { type: "bastion.started", version: "0.1.0", policy: HASH };
    const loaded: AccessEvent = { type: "policy.loaded", hash: "1".repeat(64) };
    assert.deepEqual([stateOf(started).running, stateOf(started).policy], [true, HASH]);
    assert.equal(stateOf(started, loaded).policy, "1".repeat(64));
    assert.equal(stateOf(started, { type: "bastion.stopped" }).running, false);
  });

  const impossible: readonly [name: string, before: readonly AccessEvent[], event: AccessEvent][] = [
    ["a-grant-twice", [grantIssued()], grantIssued()],
    ["a-serial-twice", [grantIssued(), certificateIssued()], certificateIssued()],
    ["a-certificate-for-no-grant", [], certificateIssued()],
    ["a-certificate-for-another's-grant", [grantIssued({ identity: "bob" })], certificateIssued()],
    ["revoking-an-unknown-grant", [], { type: "grant.revoked", grant: grantId(), by: "bob", reason: "x" }],
    ["revoking-an-unknown-serial", [], { type: "certificate.revoked", serial: "7", by: "bob", reason: "x" }],
    ["a-session-twice", open, sessionStarted()],
    ["a-session-without-a-grant", [], sessionStarted()],
    ["a-session-on-another's-grant", [grantIssued({ identity: "bob" })], sessionStarted()],
    ["a-session-on-a-target-that-was-not-granted", [grantIssued()], sessionStarted({ target: "prod-db-2" })],
    ["a-session-as-a-login-that-was-not-granted", [grantIssued()], sessionStarted({ login: "root" })],
    ["a-session-by-a-certificate-that-was-not-issued", [grantIssued()], sessionStarted({ serial: "7" })],
    [
      "a-session-by-a-certificate-for-something-else",
      [grantIssued(), grantIssued({ id: grantId(2) }), certificateIssued("7", [grantId(2)])],
      sessionStarted({ serial: "7" }),
    ],
    ["the-end-of-no-session", [], ended("closed")],
    ["the-end-of-no-session-with-a-head", [], ended("closed", { bytes: 1, blocks: 1, hash: HASH })],
    ["a-cut-of-no-session", [], { type: "session.cut", session: sessionId(), reason: "killed", by: "bob" }],
    ["a-head-of-no-session", [], head(1)],
    [
      "a-replay-of-no-session",
      [],
      { type: "recording.read", session: sessionId(), by: "bob", how: "replay" },
    ],
  ];
  for (const [name, before, event] of impossible) {
    it(`refuses ${name}, and changes nothing`, () => {
      const state = stateOf(...before);
      const unchanged = structuredClone(state);
      assert.throws(() => fold(state, event, 99), { code: "impossible-event" });
      assert.deepEqual(state, unchanged);
    });
  }

  it("begins with nothing", () => {
    const state = emptyState();
    assert.deepEqual(
      [
        state.grants.size,
        state.certificates.size,
        state.sessions.size,
        state.policy,
        state.running,
        state.denials,
      ],
      [0, 0, 0, undefined, false, 0],
    );
  });
});
