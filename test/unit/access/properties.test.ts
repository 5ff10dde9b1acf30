import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AccessError,
  emptyState,
  fold,
  mayOpenSession,
  parseAccessEvent,
  type AccessEvent,
  type EventOf,
  type State,
} from "../../../src/access/index.js";
import {
  certificateIssued,
  FINGERPRINT,
  grantId,
  grantIssued,
  policy,
  sessionId,
  sessionStarted,
} from "./sample.js";

// Small ranges, so that events meet: 3 grants, 3 serials, 3 sessions.
const few = fc.integer({ min: 1, max: 3 });
const serial = few.map(String);

const event: fc.Arbitrary<AccessEvent> = fc.oneof(
  fc
    .tuple(few, fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 99 }))
    .map(([id, fromMs, lifeMs]) => grantIssued({ id: grantId(id), fromMs, untilMs: fromMs + lifeMs })),
  fc.tuple(serial, fc.uniqueArray(few)).map(
    ([of, grants]) =>
      ({
        ...certificateIssued(of, grants.map(grantId)),
        validAfterMs: 0,
        validBeforeMs: 500,
      }) as AccessEvent,
  ),
  few.map((id): AccessEvent => ({ type: "grant.revoked", grant: grantId(id), by: "bob", reason: "x" })),
  serial.map((of): AccessEvent => ({ type: "certificate.revoked", serial: of, by: "bob", reason: "x" })),
  fc.constant<AccessEvent>({ type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "x" }),
  fc
    .tuple(few, few)
    .map(([session, id]) => sessionStarted({ session: sessionId(session), grant: grantId(id) })),
  few.map((id): AccessEvent => ({ type: "session.ended", session: sessionId(id), outcome: "closed" })),
  fc.constant<AccessEvent>({ type: "proxy.lost", proxy: "proxy-1" }),
);
const others = fc.array(event, { maxLength: 40 });
/** Random histories, of which half begin with three grants and a certificate for each, so that much can be opened. */
const events = fc.oneof(
  others,
  fc
    .tuple(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 3, maxLength: 3 }), others)
    .map(([ends, later]) => [
      ...ends.map((untilMs, index) => grantIssued({ id: grantId(index + 1), fromMs: 0, untilMs })),
      ...ends.map((_, index): AccessEvent => ({
        ...(certificateIssued(String(index + 1), [grantId(index + 1)]) as EventOf<"certificate.issued">),
        validAfterMs: 0,
        validBeforeMs: 500,
      })),
      ...later,
    ]),
);

/** Folds what is possible and passes over the rest, as every reader of one ledger would. */
function foldAll(all: readonly AccessEvent[], state = emptyState()): State {
  for (const [index, each] of all.entries()) {
    try {
      fold(state, each, index);
    } catch (error) {
      assert.ok(error instanceof AccessError && error.code === "impossible-event");
    }
  }
  return state;
}

const asks = ["1", "2", "3"].map((of) => ({
  serial: of,
  target: "prod-db-1",
  login: "postgres",
  clientAddress: "::1",
}));

describe("access properties", () => {
  it("no session opens outside its grant's time, or on one that was never issued to that identity", () => {
    let opened = 0;
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 300 }), (all, nowMs) => {
        const state = foldAll(all);
        for (const ask of asks) {
          const verdict = mayOpenSession(state, policy(), ask, nowMs);
          if (!verdict.ok) continue;
          opened += 1;
          assert.ok(verdict.grant.fromMs <= nowMs && nowMs < verdict.grant.untilMs);
          assert.ok(verdict.untilMs <= verdict.grant.untilMs);
          assert.ok(state.certificates.get(ask.serial)?.grants.includes(verdict.grant.id));
        }
      }),
      { numRuns: 2000 },
    );
    assert.ok(opened > 50, `only ${opened} sessions were opened: the property says little`);
  });

  it("revoked wins: what was revoked opens nothing, whatever comes after", () => {
    fc.assert(
      fc.property(events, events, few, fc.integer({ min: 0, max: 300 }), (before, later, id, nowMs) => {
        const state = foldAll(before);
        const known = [...state.grants.keys()];
        foldAll([{ type: "grant.revoked", grant: grantId(id), by: "bob", reason: "x" }, ...later], state);
        for (const ask of asks) {
          const verdict = mayOpenSession(state, policy(), ask, nowMs);
          if (verdict.ok && known.includes(grantId(id))) assert.notEqual(verdict.grant.id, grantId(id));
        }
        foldAll(
          [{ type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "x" }, ...later],
          state,
        );
        for (const ask of asks) assert.equal(mayOpenSession(state, policy(), ask, nowMs).ok, false);
      }),
    );
  });

  it("the fold of the same events is the same state, also when they were written down and read again", () => {
    fc.assert(
      fc.property(events, (all) => {
        const reread = all.map((each) => parseAccessEvent(JSON.parse(JSON.stringify(each))));
        assert.deepEqual(foldAll(reread), foldAll(all));
      }),
    );
  });

  it("a fold taken up in the middle ends where an uninterrupted one does", () => {
    fc.assert(
      fc.property(events, fc.nat(40), (all, middle) => {
        const state = emptyState();
        for (const [index, each] of all.entries()) {
          if (index === middle) mayOpenSession(state, policy(), asks[0]!, index); // asking changes nothing
          try {
            fold(state, each, index);
          } catch {
            // impossible here as there
          }
        }
        assert.deepEqual(state, foldAll(all));
      }),
    );
  });

  it("live sessions are those that began and did not end", () => {
    fc.assert(
      fc.property(events, (all) => {
        const state = foldAll(all);
        const open = [...state.sessions.values()].filter(({ ended }) => ended === undefined);
        assert.deepEqual(new Set(open.map(({ session }) => session)), state.liveSessions);
      }),
    );
  });
});
