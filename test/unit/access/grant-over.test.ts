import assert from "node:assert/strict";
import {
  emptyState,
  fold,
  isCertificateOver,
  isGrantGone,
  leftByLedgerMs,
  mayExtend,
  mayOpenSession,
  type AccessEvent,
  type State,
} from "../../../src/access/index.js";
import { certificateIssued, grant, grantId, grantIssued, policy, role, stateOf } from "./sample.js";

const ended: AccessEvent = { type: "grant.ended", grant: grantId() };
const revoked: AccessEvent = { type: "grant.revoked", grant: grantId(), by: "bob", reason: "enough" };
const both = [grantId(), grantId(2)];
const { fromMs, untilMs } = grant();
/** A wall clock that was set back: the grant would be live by it. */
const nowMs = fromMs;

function heldIn(state: State, id = grantId()) {
  return state.grants.get(id) ?? assert.fail();
}

describe("access/grant-over", () => {
  it("holds a grant that was said to have ended for over, whatever the clock says", () => {
    assert.ok(untilMs > nowMs);
    const before = stateOf(grantIssued());
    assert.equal(isGrantGone(heldIn(before), nowMs), false);
    const state = fold(before, ended, untilMs);
    assert.equal(isGrantGone(heldIn(state), nowMs), true);
    assert.deepEqual([heldIn(state).ended, state.openGrants.size], [{ atMs: untilMs }, 0]);
  });

  it("neither opens a session nor extends for it", () => {
    const state = stateOf(grantIssued(), certificateIssued(), ended);
    const ask = { target: "prod-db-1", login: "postgres", clientAddress: "192.0.2.1", serial: "7" };
    const verdict = mayOpenSession(state, policy(), ask, nowMs);
    assert.ok(!verdict.ok);
    assert.equal(verdict.reason, "grant-ended");
    const more = { by: "alice", durationMs: 1000, reason: "more" };
    const limits = { openPerIdentity: 9, perHourPerIdentity: 9 };
    const extended = mayExtend(
      policy([role({ selfExtensionMs: 5000 })]),
      state,
      heldIn(state),
      more,
      limits,
      nowMs,
    );
    assert.ok(!extended.ok);
    assert.equal(extended.reason, "grant-ended");
    const event: AccessEvent = {
      ...{ type: "grant.extended", grant: grantId(), untilMs: untilMs + 1000, by: "alice", reason: "more" },
    };
    assert.throws(() => fold(state, event, nowMs), { code: "impossible-event" });
  });

  it("ends once, and what was revoked was revoked", () => {
    const twice = stateOf(grantIssued(), ended, ended);
    assert.deepEqual(heldIn(twice).ended, { atMs: 2 });
    assert.equal(heldIn(stateOf(grantIssued(), revoked, ended)).ended, undefined);
    assert.throws(() => stateOf(ended), { code: "impossible-event" });
  });

  const certificates: readonly [name: string, events: readonly AccessEvent[], isOver: boolean][] = [
    ["live", [], false],
    ["one-of-two-ended", [ended], false],
    ["all-ended", [ended, { type: "grant.ended", grant: grantId(2) }], true],
    ["one-revoked-one-ended", [{ ...revoked, grant: grantId(2) }, ended], true],
    ["all-revoked", [revoked, { ...revoked, grant: grantId(2) }], false], // that is a revocation, not an end
  ];
  for (const [name, events, isOver] of certificates)
    it(`holds a certificate for over: ${name}`, () => {
      const second = grantIssued({ id: grantId(2) });
      const state = stateOf(grantIssued(), second, certificateIssued("7", both), ...events);
      const certificate = state.certificates.get("7") ?? assert.fail();
      assert.equal(isCertificateOver(state, certificate, certificate.validBeforeMs - 1), isOver);
      assert.equal(isCertificateOver(state, certificate, certificate.validBeforeMs), true);
    });
});

describe("access/fold-clock", () => {
  const stopped: AccessEvent = { type: "bastion.stopped" };

  /** The clock after entries of these times. */
  function clockAfter(...times: readonly number[]) {
    return times.reduce((state, atMs) => fold(state, stopped, atMs), emptyState()).clock;
  }

  it("counts what went by, and nothing for the first entry or for a step back", () => {
    assert.deepEqual(clockAfter(5_000_000), { atMs: 5_000_000, elapsedMs: 0 });
    assert.equal(clockAfter(1_000_000, 1_000_400, 900_000, 900_100).elapsedMs, 500);
  });

  it("remembers a step back of more than a minute, by how much and when", () => {
    assert.equal(clockAfter(1_000_000, 940_000).setBack, undefined);
    assert.deepEqual(clockAfter(1_000_000, 939_999, 950_000).setBack, { atMs: 939_999, byMs: 60_001 });
  });

  it("does not move for an event that cannot be", () => {
    const state = fold(emptyState(), stopped, 1000);
    assert.throws(() => fold(state, ended, 9000), { code: "impossible-event" });
    assert.deepEqual(state.clock, { atMs: 1000, elapsedMs: 0 });
  });

  it("says what is left of a span though the clock was set back", () => {
    const began = { atMs: 1000, atElapsedMs: 40 };
    assert.equal(leftByLedgerMs({ atMs: 5, elapsedMs: 640 }, began, 2000), 400);
  });
});
