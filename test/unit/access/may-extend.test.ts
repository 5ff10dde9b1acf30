import assert from "node:assert/strict";
import {
  mayExtend,
  type AccessEvent,
  type ExtendAsk,
  type ExtendDenial,
  type Policy,
} from "../../../src/access/index.js";
import {
  answered,
  fromAny,
  grantId,
  grantIssued,
  locked,
  policy,
  requestApproved,
  requestId,
  requestMade,
  stateOf,
} from "./sample.js";
import { LIMITS, policyOf, withGroups, word } from "./verdict-sample.js";

const HOUR_MS = 3_600_000;
const ask: ExtendAsk = { by: "alice", durationMs: 900, reason: "not done" };
const granted = [requestMade(), requestApproved(), answered()];
const self = policyOf({ selfExtensionMs: 900 });
const bySelf: AccessEvent = {
  type: "grant.extended",
  grant: grantId(),
  untilMs: 3000,
  by: "alice",
  reason: "x",
};
const more = requestMade({ id: requestId(2), extends: grantId() });
const byRequest: AccessEvent = { ...bySelf, request: requestId(2), by: "bob" };
const revoked: AccessEvent = { type: "grant.revoked", grant: grantId(), by: "bob", reason: "enough" };

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly ask?: Partial<ExtendAsk>;
  readonly nowMs?: number;
}
const decide = (given: Case) => {
  const state = stateOf(...(given.events ?? granted));
  const held = state.grants.get(grantId())!;
  return mayExtend(
    given.policy ?? policy(),
    state,
    held,
    { ...ask, ...given.ask },
    LIMITS,
    given.nowMs ?? 1500,
  );
};

describe("access/may-extend", () => {
  const allowed: readonly [name: string, given: Case, kind: "self" | "request", untilMs: number][] = [
    ["what must be asked for", {}, "request", 3000],
    ["what the holder may do once", { policy: self }, "self", 3000],
    ["more than the holder may do", { policy: self, ask: { durationMs: 901 } }, "request", 3000],
    ["what the holder has done once", { policy: self, events: [...granted, bySelf] }, "request", 4000],
    [
      "what was extended by request only",
      { policy: self, events: [...granted, more, requestApproved({ request: requestId(2) }), byRequest] },
      "self",
      4000,
    ],
    ["what nobody need approve", { policy: policyOf({ approvals: { kind: "automatic" } }) }, "request", 3000],
    ["what an admin gave", { events: [grantIssued()] }, "request", 3000],
    ["the longest from now", { ask: { durationMs: HOUR_MS - 500 } }, "request", HOUR_MS + 2000],
    ["in the last millisecond", { nowMs: 1999 }, "request", 3000],
    [
      "without the ticket that it was given for",
      { policy: policyOf({ ticket: /^INC-\d+$/ }) },
      "request",
      3000,
    ],
  ];
  for (const [name, given, kind, untilMs] of allowed) {
    it(`extends ${name}`, () => {
      const verdict = decide(given);
      assert.deepEqual(verdict.ok && [verdict.kind, verdict.untilMs], [kind, untilMs]);
    });
  }

  const others = (count: number): AccessEvent[] =>
    Array.from({ length: count }, (_, n) => requestMade({ id: requestId(n + 2), targets: [`t${n}`] }));
  const ended = (count: number): AccessEvent[] =>
    others(count).map((_, n): AccessEvent => ({ type: "request.lapsed", request: requestId(n + 2) }));
  const denials: readonly [reason: ExtendDenial, name: string, given: Case][] = [
    ["locked", "a locked holder", { events: [...granted, locked("identity", "alice")], policy: self }],
    [
      "locked",
      "a grant on a locked target",
      { events: [...granted, locked("target", "prod-db-1")], policy: self },
    ],
    ["not-yours", "another's grant", { ask: { by: "bob" } }],
    ["not-yours", "another's grant, for an admin", { ask: { by: "root" } }],
    ["grant-revoked", "a revoked grant", { events: [...granted, revoked], policy: self }],
    ["grant-ended", "an ended grant", { nowMs: 2000, policy: self }],
    ["role-withdrawn", "a grant whose role is gone", { policy: policy([]) }],
    ["role-narrowed", "a role that lost the holder", { policy: withGroups("alice", "friends") }],
    [
      "role-narrowed",
      "a role that lost the target",
      { policy: policyOf({ targets: { by: "names", globs: [] }, selfExtensionMs: 900 }) },
    ],
    ["bad-duration", "no time", { ask: { durationMs: 0 } }],
    ["bad-duration", "time that is none", { ask: { durationMs: Infinity } }],
    ["reason-missing", "no reason", { ask: { reason: " " }, policy: self }],
    ["text-too-long", "501 characters", { ask: { reason: "x".repeat(501) } }],
    ["duration-too-long", "one millisecond more than the longest", { ask: { durationMs: HOUR_MS - 499 } }],
    ["already-asked", "what was asked before", { events: [...granted, more] }],
    ["too-many-open", "a flood of open requests", { events: [...granted, ...others(3)] }],
    ["too-many-lately", "a flood of quick ones", { events: [...granted, ...others(4), ...ended(4)] }],
    [
      "nobody-can-approve",
      "what nobody can approve",
      { policy: policyOf({ approvals: fromAny(3, "approvers") }) },
    ],
  ];
  for (const [reason, name, given] of denials) {
    it(`denies ${name}: ${reason}`, () => assert.equal(word(decide(given)), reason));
  }

  it("says how much could be had, and which request waits", () => {
    const long = decide({ ask: { durationMs: HOUR_MS } });
    assert.equal(!long.ok && "maxDurationMs" in long && long.maxDurationMs, HOUR_MS - 500);
    const same = decide({ events: [...granted, more] });
    assert.equal(!same.ok && "request" in same && same.request, requestId(2));
  });
});
