import assert from "node:assert/strict";
import {
  fold,
  holdsOn,
  isHeld,
  mayArchive,
  mayDelete,
  openOverride,
  overrideInForce,
  type AccessEvent,
  type SessionState,
  type State,
} from "../../../src/access/index.js";
import { redactionApproved, redactionAsked } from "./redaction-sample.js";
import {
  certificateIssued,
  grantIssued,
  HASH,
  holdId,
  overrideId,
  sessionId,
  sessionStarted,
  stateOf,
} from "./sample.js";

/** Events happen at 1, 2, 3, …: a session that ends at 4 is due at 4 + 10. */
const session = (changes: object = {}): AccessEvent[] => [
  grantIssued(),
  certificateIssued(),
  sessionStarted({ retention: { atHandMs: 5, keepMs: 10 }, ...changes }),
];
const ended: AccessEvent = {
  ...{ type: "session.ended", session: sessionId(), outcome: "closed" },
  head: { bytes: 10, blocks: 1, hash: HASH },
};
const over = (changes: object = {}) => [...session(changes), ended];
const hold = (subject: object, n = 1): AccessEvent => ({
  ...{ type: "hold.set", hold: holdId(n), by: "carol", reason: "case 7" },
  ...subject,
});
const lifted: AccessEvent = { type: "hold.lifted", hold: holdId(), by: "carol", reason: "closed" };
const deleted: AccessEvent = { type: "recording.deleted", session: sessionId(), hash: HASH };
const archived: AccessEvent = { type: "recording.archived", session: sessionId(), path: "d/a.bsr" };
const asked: AccessEvent = {
  type: "disk.override.asked",
  override: overrideId(),
  by: "root",
  reason: "x",
  forMs: 50,
};
const given: AccessEvent = { type: "disk.override.given", override: overrideId(), by: "ruth", untilMs: 52 };
const endedOverride: AccessEvent = {
  type: "disk.override.ended",
  override: overrideId(),
  by: "bastion@local",
};

const stateAt = (events: readonly AccessEvent[], event?: AccessEvent, atMs = 99): State => {
  const state = stateOf(...events);
  return event === undefined ? state : fold(state, event, atMs);
};
const theSession = (state: State): SessionState => {
  const found = state.sessions.get(sessionId());
  assert.ok(found);
  return found;
};

const dueRows: readonly [name: string, events: readonly AccessEvent[], nowMs: number, verdict: object][] = [
  ["a-live-one", session(), 99, { ok: false, reason: "live" }],
  ["one-without-an-end", over({ retention: undefined }), 99, { ok: false, reason: "kept-for-ever" }],
  ["one-that-only-leaves", over({ retention: { atHandMs: 1 } }), 99, { ok: false, reason: "kept-for-ever" }],
  ["a-moment-before", over(), 13, { ok: false, reason: "not-yet", dueAtMs: 14 }],
  ["at-its-time", over(), 14, { ok: true }],
  ["held-by-session", [...over(), hold({ session: sessionId() })], 99, { ok: false, reason: "held" }],
  ["held-by-identity", [hold({ identity: "alice" }), ...over()], 99, { ok: false, reason: "held" }],
  ["held-by-target", [...over(), hold({ target: "prod-db-1" })], 99, { ok: false, reason: "held" }],
  ["others-held", [...over(), hold({ identity: "bob" }), hold({ target: "prod" }, 2)], 99, { ok: true }],
  ["released", [...over(), hold({ identity: "alice" }), lifted], 99, { ok: true }],
  [
    "released-but-held-twice",
    [...over(), hold({ identity: "alice" }), hold({ target: "prod-db-1" }, 2), lifted],
    99,
    { ok: false, reason: "held" },
  ],
];

const impossible: readonly [
  name: string,
  before: readonly AccessEvent[],
  event: AccessEvent,
  atMs?: number,
][] = [
  ["a-deletion-that-came-too-early", over(), deleted, 13],
  ["a-deletion-against-a-hold", [...over(), hold({ identity: "alice" })], deleted],
  ["a-deletion-of-what-was-to-stay", over({ retention: undefined }), deleted],
  ["a-deletion-of-a-live-one", session(), deleted],
  ["a-deletion-of-another-recording", over(), { ...deleted, hash: "1".repeat(64) }],
  ["a-deletion-of-nothing", [], deleted],
  ["a-move-of-a-live-one", session(), archived],
  ["a-move-of-nothing", [], archived],
  ["a-second-move", [...over(), archived], archived],
  ["a-hold-twice", [hold({ target: "a" })], hold({ target: "b" })],
  ["a-hold-on-no-session", [], hold({ session: sessionId() })],
  ["a-release-of-nothing", [], lifted],
  ["a-second-release", [hold({ target: "a" }), lifted], lifted],
  ["giving-what-nobody-asked", [], given],
  ["giving-ones-own-wish", [asked], { ...given, by: "root" }, 2],
  ["giving-another-wish", [asked], { ...given, override: overrideId(2) }, 2],
  ["giving-a-wish-of-an-hour-ago", [asked], given, 3_600_001],
  ["giving-far-more-than-asked", [asked], { ...given, untilMs: 1e9 }, 2],
  ["giving-twice", [asked, given], given, 3],
  ["asking-while-one-is-in-force", [asked, given], { ...asked, override: overrideId(2) }, 3],
  ["asking-the-same-again", [asked], asked],
  ["ending-what-is-not", [], endedOverride],
];

describe("access/fold-keep", () => {
  for (const [name, events, nowMs, verdict] of dueRows)
    it(`mayDelete: ${name}`, () => {
      const state = stateAt(events);
      assert.deepEqual(mayDelete(state, theSession(state), nowMs), verdict);
      assert.equal(isHeld(state, theSession(state)), "reason" in verdict && verdict.reason === "held");
    });

  for (const [name, before, event, atMs = 99] of impossible)
    it(`refuses ${name}, and changes nothing`, () => {
      const state = stateAt(before);
      const unchanged = structuredClone(state);
      assert.throws(() => fold(state, event, atMs), { code: "impossible-event" });
      assert.deepEqual(state, unchanged);
    });

  it("counts from the start of a session that a clock, set back, says ended before it: so it shortens nothing", () => {
    const state = stateAt(session(), ended, 1);
    const { startedAtMs } = theSession(state);
    assert.ok(startedAtMs > 1);
    const verdicts = [9, 10].map((ms) => mayDelete(state, theSession(state), startedAtMs + ms).ok);
    assert.deepEqual(verdicts, [false, true]);
    assert.equal(mayArchive(theSession(state), startedAtMs + 4), false);
  });

  it("keeps the hash of what was deleted, and moves or deletes it no more", () => {
    const state = stateAt(over(), deleted, 14);
    assert.deepEqual(theSession(state).deleted, { atMs: 14, hash: HASH });
    assert.equal(mayArchive(theSession(state), 99), false);
    assert.deepEqual(mayDelete(state, theSession(state), 99), { ok: false, reason: "deleted-before" });
    for (const again of [deleted, archived])
      assert.throws(() => fold(state, again, 99), { code: "impossible-event" });
  });

  it("lets nothing wait to be taken out of a recording that is gone", () => {
    const asked = redactionAsked({ lapsesAtMs: 50 });
    const state = stateAt([...over(), asked, redactionApproved()], deleted, 14);
    assert.deepEqual([...state.openRedactions], []);
    const undecided = stateAt([...over(), asked], deleted, 14);
    assert.deepEqual([...undecided.openRedactions], [asked.redaction], "that still lapses");
  });

  it("moves what is held to the archive, once, after its time at hand", () => {
    const state = stateAt([...over(), hold({ identity: "alice" })]);
    assert.deepEqual(
      [8, 9].map((nowMs) => mayArchive(theSession(state), nowMs)),
      [false, true],
    );
    fold(state, archived, 9);
    assert.deepEqual(theSession(state).archived, { atMs: 9, path: "d/a.bsr" });
    assert.equal(mayArchive(theSession(state), 99), false);
  });

  it("says who holds a session and why, the oldest first", () => {
    const state = stateAt([...over(), hold({ target: "prod-db-1" }, 2), hold({ session: sessionId() })]);
    assert.deepEqual(
      holdsOn(state, theSession(state)).map((held) => held.hold),
      [holdId(2), holdId(1)],
    );
  });

  it("knows a wish, its override, and when it is over", () => {
    const wish = stateAt([asked]);
    assert.equal(openOverride(wish, 2)?.by, "root");
    assert.equal(openOverride(wish, 3_600_001), undefined);
    assert.equal(overrideInForce(wish, 2), undefined);
    const inForce = stateAt([asked, given]);
    assert.deepEqual(
      [51, 52].map((now) => overrideInForce(inForce, now)?.override),
      [overrideId(), undefined],
    );
    assert.equal(openOverride(inForce, 2), undefined);
    const over = stateAt([asked, given, endedOverride]);
    assert.equal(overrideInForce(over, 3), undefined, "whatever the clock says");
    assert.equal(openOverride(stateAt([asked, endedOverride]), 3), undefined, "taken back");
  });
});
