import assert from "node:assert/strict";
import { emptyState, fold, type AccessEvent, type State } from "../../../src/access/index.js";
import {
  answered,
  evidenceFor,
  grantId,
  grantIssued,
  request,
  requestApproved,
  requestId,
  requestMade,
  stateOf,
} from "./sample.js";

const denied: AccessEvent = { type: "request.denied", request: requestId(), by: "bob", reason: "not now" };
const cancelled: AccessEvent = { type: "request.cancelled", request: requestId(), by: "alice" };
const lapsed: AccessEvent = { type: "request.lapsed", request: requestId() };
const theirs = (state: State) => state.requests.get(requestId());

describe("access/fold-request", () => {
  it("keeps a request open, as it was made and since when, in order", () => {
    const state = stateOf(
      requestMade(),
      requestMade({ id: requestId(2) }),
      requestMade({ id: requestId(3), identity: "dave" }),
    );
    assert.deepEqual(theirs(state), { request: request(), madeAtMs: 1, madeAtElapsedMs: 0, approvals: [] });
    assert.deepEqual([...state.openRequests], [requestId(), requestId(2), requestId(3)]);
    assert.deepEqual([...state.requestsOf.get("alice")!], [requestId(), requestId(2)]);
  });

  it("keeps approvals in order, with everything that proves them", () => {
    const evidence = evidenceFor(request());
    const second = { by: "carol", durationMs: 500, comment: "careful", evidence, presence: true };
    const state = stateOf(requestMade(), requestApproved(), requestApproved(second));
    assert.deepEqual(theirs(state)?.approvals, [
      { by: "bob", groups: ["approvers"], presence: false, signed: false, atMs: 2 },
      { ...second, groups: ["approvers"], signed: true, atMs: 3 },
    ]);
    assert.equal(state.openRequests.size, 1, "it stays open until it is answered");
  });

  const ends: readonly [name: string, event: AccessEvent, outcome: object][] = [
    ["denied", denied, { kind: "denied", atMs: 2, by: "bob", reason: "not now" }],
    ["cancelled", cancelled, { kind: "cancelled", atMs: 2, by: "alice" }],
    [
      "cancelled-with-a-reason",
      { ...cancelled, by: "bastion@local", reason: "role gone" },
      { kind: "cancelled", atMs: 2, by: "bastion@local", reason: "role gone" },
    ],
    ["lapsed", lapsed, { kind: "lapsed", atMs: 2 }],
  ];
  for (const [name, event, outcome] of ends) {
    it(`ends a request that is ${name}, and the first end stands`, () => {
      const state = stateOf(requestMade(), event, denied, cancelled, lapsed);
      assert.deepEqual(theirs(state)?.outcome, outcome);
      assert.equal(state.openRequests.size, 0);
      assert.equal(state.requestsOf.get("alice")?.size, 1);
    });
  }

  it("ends with the grant that answers it", () => {
    const state = stateOf(requestMade(), requestApproved(), answered(), denied);
    assert.deepEqual(theirs(state)?.outcome, { kind: "granted", atMs: 3, by: "bob", grant: grantId() });
  });

  const signedForAnother = evidenceFor(request({ durationMs: 999_999 }));
  const impossible: readonly [name: string, before: readonly AccessEvent[], event: AccessEvent][] = [
    ["a-request-twice", [requestMade()], requestMade()],
    ["to-extend-no-grant", [], requestMade({ extends: grantId() })],
    ["to-extend-another's-grant", [grantIssued({ identity: "bob" })], requestMade({ extends: grantId() })],
    ["an-approval-of-nothing", [], requestApproved()],
    ["an-approval-by-the-requester", [requestMade()], requestApproved({ by: "alice" })],
    ["a-second-approval-by-one-person", [requestMade(), requestApproved()], requestApproved()],
    [
      "a-second-approval-with-another-key",
      [requestMade(), requestApproved()],
      requestApproved({ fingerprint: `SHA256:${"B".repeat(42)}A`, groups: ["security"] }),
    ],
    ["an-approval-of-what-was-denied", [requestMade(), denied], requestApproved()],
    ["an-approval-of-what-was-cancelled", [requestMade(), cancelled], requestApproved()],
    ["an-approval-of-what-lapsed", [requestMade(), lapsed], requestApproved()],
    [
      "an-approval-of-what-was-granted",
      [requestMade(), requestApproved(), answered()],
      requestApproved({ by: "carol" }),
    ],
    ["an-approval-at-its-lapse", [requestMade({ lapsesAtMs: 99 })], requestApproved()],
    ["a-signature-for-something-else", [requestMade()], requestApproved({ evidence: signedForAnother })],
    ["a-touch-without-a-signature", [requestMade()], requestApproved({ presence: true })],
    ["an-approval-of-more-than-asked", [requestMade()], requestApproved({ durationMs: 1001 })],
    ["an-approval-of-no-time", [requestMade()], requestApproved({ durationMs: 0 })],
    ["denying-nothing", [], denied],
    ["cancelling-nothing", [], cancelled],
    ["the-lapse-of-nothing", [], lapsed],
  ];
  for (const [name, before, event] of impossible) {
    it(`refuses ${name}, and changes nothing`, () => {
      const state = stateOf(...before);
      const unchanged = structuredClone(state);
      assert.throws(() => fold(state, event, 99), { code: "impossible-event" });
      assert.deepEqual(state, unchanged);
    });
  }

  it("takes an approval up to the last millisecond before the lapse", () => {
    const state = fold(emptyState(), requestMade({ lapsesAtMs: 99 }), 1);
    assert.equal(fold(state, requestApproved(), 98).requests.get(requestId())?.approvals.length, 1);
  });
});
