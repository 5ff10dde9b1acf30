import assert from "node:assert/strict";
import { fold, type AccessEvent, type Approvals, type EventOf } from "../../../src/access/index.js";
import {
  answered,
  fromAny,
  grant,
  grantId,
  grantIssued,
  requestApproved,
  requestId,
  requestMade,
  sessionId,
  sessionStarted,
  stateOf,
} from "./sample.js";

const automatic: Approvals = { kind: "automatic" };
const two = fromAny(2, "approvers");
const asked = [requestMade(), requestApproved()];
const granted = [...asked, answered()];
const emergency = [requestMade({ breakGlass: true }), answered({ how: "break-glass", approvers: [] })];
const revoked: AccessEvent = { type: "grant.revoked", grant: grantId(), by: "bob", reason: "enough" };
const extended = (changes: Partial<EventOf<"grant.extended">> = {}): AccessEvent => ({
  type: "grant.extended",
  ...{ grant: grantId(), untilMs: 3000, by: "alice", reason: "not done" },
  ...changes,
});
const reviewed = (by = "bob"): AccessEvent => ({
  type: "grant.reviewed",
  grant: grantId(),
  by,
  comment: "as was said",
});
const more = requestMade({ id: requestId(2), extends: grantId(), durationMs: 1000 });
const moreApproved = requestApproved({ request: requestId(2) });
const byRequest = extended({ request: requestId(2), by: "bob" });

describe("access/fold-grant", () => {
  it("knows what a grant answers", () => {
    const held = stateOf(...granted).grants.get(grantId());
    assert.deepEqual([held?.request, held?.extensions, held?.issuedAtMs], [requestId(), [], 3]);
  });

  const possible: readonly [name: string, events: readonly AccessEvent[]][] = [
    ["approved", granted],
    ["automatic", [requestMade({ needs: automatic }), answered({ how: "automatic", approvers: [] })]],
    ["break-glass", emergency],
    ["an-admin's-own", [grantIssued()]],
    ["less-than-asked", [requestMade({ targets: ["a", "prod-db-1"] }), requestApproved(), answered()]],
    ["up-to-a-whole-second", [...asked, answered({ fromMs: 1001, untilMs: 3000 })]],
    ["later-than-asked", [requestMade({ fromMs: 900 }), requestApproved(), answered()]],
  ];
  for (const [name, events] of possible) {
    it(`takes a grant: ${name}`, () => assert.equal(stateOf(...events).grants.size, 1));
  }

  it("keeps a break-glass grant in sight until somebody else has looked at it, and the first look stands", () => {
    assert.deepEqual([...stateOf(...emergency).openReviews], [grantId()]);
    assert.equal(stateOf(...granted).openReviews.size, 0);
    const state = stateOf(...emergency, reviewed(), reviewed("carol"));
    assert.equal(state.openReviews.size, 0);
    assert.deepEqual(state.grants.get(grantId())?.review, { atMs: 3, by: "bob", comment: "as was said" });
  });

  it("moves the end of a grant and of its live sessions, by the holder once and by requests", () => {
    const state = stateOf(
      ...granted,
      sessionStarted(),
      sessionStarted({ session: sessionId(2) }),
      { type: "session.ended", session: sessionId(2), outcome: "closed" },
      extended({ untilMs: 2500 }),
      more,
      moreApproved,
      byRequest,
    );
    const held = state.grants.get(grantId());
    assert.equal(held?.grant.untilMs, 3000);
    assert.deepEqual(held.extensions, [
      { atMs: 7, untilMs: 2500, by: "alice", reason: "not done" },
      { atMs: 10, untilMs: 3000, by: "bob", reason: "not done", request: requestId(2) },
    ]);
    assert.equal(state.sessions.get(sessionId())?.untilMs, 3000);
    assert.equal(state.sessions.get(sessionId(2))?.untilMs, 2000, "what has ended has ended");
    assert.equal(state.requests.get(requestId(2))?.outcome?.kind, "granted");
  });

  it("extends up to a whole second, and no further than the shortest approval", () => {
    const short = requestApproved({ request: requestId(2), durationMs: 300 });
    const until = (untilMs: number): AccessEvent => extended({ request: requestId(2), by: "bob", untilMs });
    assert.equal(stateOf(...granted, more, short, until(3000)).grants.get(grantId())?.grant.untilMs, 3000);
    assert.throws(() => stateOf(...granted, more, short, until(3301)), { code: "impossible-event" });
  });

  const impossible: readonly [name: string, before: readonly AccessEvent[], event: AccessEvent][] = [
    ["a-grant-that-answers-nothing", [], answered()],
    ["a-grant-without-its-quorum", [requestMade()], answered({ approvers: [] })],
    ["a-grant-with-half-its-quorum", [requestMade({ needs: two }), requestApproved()], answered()],
    [
      "a-grant-approved-from-another-group",
      [requestMade(), requestApproved({ groups: ["friends"] })],
      answered(),
    ],
    [
      "a-signed-role-without-a-signature",
      [requestMade({ needs: { ...fromAny(1, "approvers"), signed: true } as Approvals }), requestApproved()],
      answered(),
    ],
    ["a-second-answer", granted, answered({ id: grantId(2) })],
    [
      "an-answer-after-a-no",
      [...asked, { type: "request.denied", request: requestId(), by: "carol", reason: "no" }],
      answered(),
    ],
    ["another-identity", asked, answered({ identity: "bob" })],
    ["another-target", asked, answered({ targets: ["prod-db-1", "prod-web-1"] })],
    ["another-login", asked, answered({ logins: ["root"] })],
    ["another-role", asked, answered({ role: "other" })],
    ["longer-than-asked", asked, answered({ untilMs: 3001 })],
    [
      "longer-than-approved",
      [requestMade(), requestApproved({ durationMs: 100 })],
      answered({ untilMs: 2101 }),
    ],
    ["earlier-than-asked", [requestMade({ fromMs: 1001 }), requestApproved()], answered()],
    ["an-approver-who-did-not", asked, answered({ approvers: ["bob", "carol"] })],
    ["break-glass-that-was-not-asked", asked, answered({ how: "break-glass" })],
    ["automatic-that-was-approved", asked, answered({ how: "automatic" })],
    ["approved-that-was-automatic", [requestMade({ needs: automatic })], answered({ approvers: [] })],
    ["asked-for-but-of-an-own-accord", asked, { ...answered(), grant: grant() }],
    ["an-origin-without-a-request", asked, grantIssued({ how: "approved" })],
    [
      "a-grant-for-an-extension",
      [...granted, more, moreApproved],
      answered({ id: grantId(2) }, requestId(2)),
    ],
    ["extending-nothing", [], extended()],
    ["extending-what-is-revoked", [...granted, revoked], extended()],
    ["extending-to-an-earlier-end", granted, extended({ untilMs: 2000 })],
    ["extending-by-somebody-else", granted, extended({ by: "bob" })],
    ["extending-by-oneself-twice", [...granted, extended({ untilMs: 2500 })], extended()],
    ["extending-without-the-quorum", [...granted, more], byRequest],
    [
      "extending-by-a-request-for-access",
      [...granted, requestMade({ id: requestId(2) }), moreApproved],
      byRequest,
    ],
    [
      "extending-twice-by-one-request",
      [...granted, more, moreApproved, byRequest],
      extended({ request: requestId(2), untilMs: 3500 }),
    ],
    [
      "extending-past-what-was-asked",
      [...granted, more, moreApproved],
      extended({ request: requestId(2), untilMs: 4001 }),
    ],
    ["reviewing-nothing", [], reviewed()],
    ["reviewing-what-needs-none", granted, reviewed()],
    ["reviewing-oneself", emergency, reviewed("alice")],
  ];
  for (const [name, before, event] of impossible) {
    it(`refuses ${name}, and changes nothing`, () => {
      const state = stateOf(...before);
      const unchanged = structuredClone(state);
      assert.throws(() => fold(state, event, 99), { code: "impossible-event" });
      assert.deepEqual(state, unchanged);
    });
  }

  it("refuses to extend what has ended", () => {
    const state = stateOf(...granted);
    assert.throws(() => fold(state, extended(), 2000), { code: "impossible-event" });
    assert.equal(fold(state, extended(), 1999).grants.get(grantId())?.grant.untilMs, 3000);
  });
});
