import assert from "node:assert/strict";
import {
  BEGIN_AHEAD_MS_MAX,
  mayRequest,
  roleFor,
  type AccessEvent,
  type Policy,
  type RequestAsk,
  type RequestDenial,
} from "../../../src/access/index.js";
import { fromAny, locked, policy, request, requestId, requestMade, role, stateOf } from "./sample.js";
import { LIMITS, policyOf, withoutIdentity } from "./verdict-sample.js";

const ask: RequestAsk = {
  identity: "alice",
  targets: ["prod-db-1"],
  logins: ["postgres"],
  durationMs: 1000,
  reason: "INC-42 replication stuck",
  breakGlass: false,
};
const HOUR_MS = 3_600_000;

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly ask?: Partial<RequestAsk>;
  readonly nowMs?: number;
}
const decide = (given: Case) =>
  mayRequest(
    given.policy ?? policy(),
    stateOf(...(given.events ?? [])),
    { ...ask, ...given.ask },
    LIMITS,
    given.nowMs ?? 500,
  );
const others = (count: number): AccessEvent[] =>
  Array.from({ length: count }, (_, n) => requestMade({ id: requestId(n + 1), targets: [`other-${n}`] }));
const ended = (count: number): AccessEvent[] =>
  others(count).map((_, n): AccessEvent => ({ type: "request.lapsed", request: requestId(n + 1) }));
const everywhere = { targets: { by: "names", globs: ["*"] } } as const;
const long = "x".repeat(63);
const manyTargets = Array.from({ length: 16 }, (_, n) => `${String(n).padStart(2, "0")}${"x".repeat(61)}`);
const wide: Policy = {
  ...policyOf({ ...everywhere, logins: manyTargets, sourceAddresses: ["10.0.0.0/8"] }),
  targets: new Map(manyTargets.map((name) => [name, { name, labels: {}, logins: manyTargets }])),
};

describe("access/may-request", () => {
  it("lets somebody ask for what a role gives, by the role that gives it", () => {
    const verdict = decide({});
    assert.equal(verdict.ok && verdict.role.name, "db-oncall");
  });

  const easy = role({ name: "easy", approvals: fromAny(1, "nobody") });
  const glass = role({ name: "glass", breakGlass: true, approvals: fromAny(2, "approvers") });
  const allowed: readonly [name: string, given: Case, by: string][] = [
    ["by-a-role-that-can-be-approved", { policy: policy([easy, role()]) }, "db-oncall"],
    ["by-a-role-that-breaks-glass", { policy: policy([role(), glass]), ask: { breakGlass: true } }, "glass"],
    ["the-better-one-without", { policy: policy([role(), glass]) }, "db-oncall"],
    ["what-nobody-need-approve", { policy: policyOf({ approvals: { kind: "automatic" } }) }, "db-oncall"],
    [
      "an-emergency-that-nobody-approves",
      { policy: policyOf({ breakGlass: true, approvals: fromAny(9, "x") }), ask: { breakGlass: true } },
      "db-oncall",
    ],
    ["something-else-meanwhile", { events: others(1) }, "db-oncall"],
    [
      "the-same-after-its-end",
      { events: [requestMade(), { type: "request.lapsed", request: requestId() }] },
      "db-oncall",
    ],
    ["the-same-once-it-has-lapsed-unseen", { events: [requestMade()], nowMs: 5000 }, "db-oncall"],
    ["the-same-that-another-asks", { events: [requestMade({ identity: "dave" })] }, "db-oncall"],
    ["the-same-under-another-role", { events: [requestMade({ role: "other" })] }, "db-oncall"],
    [
      "an-emergency-while-the-same-waits",
      {
        policy: policyOf({ breakGlass: true }),
        events: [requestMade(), ...others(3).slice(1)],
        ask: { breakGlass: true },
      },
      "db-oncall",
    ],
    ["the-last-of-the-open", { events: others(LIMITS.openPerIdentity - 1) }, "db-oncall"],
    ["the-last-of-the-hour", { events: [...others(4), ...ended(4)] }, "db-oncall"],
    ["after-an-hour", { events: [...others(5), ...ended(5)], nowMs: HOUR_MS + 5 }, "db-oncall"],
    ["the-latest-begin", { ask: { fromMs: 500 + BEGIN_AHEAD_MS_MAX } }, "db-oncall"],
    ["a-begin-in-the-past", { ask: { fromMs: 1 } }, "db-oncall"],
    ["500-characters", { ask: { reason: "日".repeat(500), ticket: "日".repeat(500) } }, "db-oncall"],
  ];
  for (const [name, given, by] of allowed) {
    it(`lets somebody ask: ${name}`, () => {
      const verdict = decide(given);
      assert.equal(verdict.ok ? verdict.role.name : verdict.reason, by);
    });
  }

  const denials: readonly [reason: RequestDenial, name: string, given: Case][] = [
    ["locked", "who is locked", { events: [locked("identity", "alice")] }],
    ["locked", "a locked target", { events: [locked("target", "prod-db-1")] }],
    [
      "unknown-target",
      "a locked target that is not known",
      { events: [locked("target", "x")], ask: { targets: ["x"] } },
    ],
    ["unknown-identity", "a stranger", { ask: { identity: "mallory" } }],
    ["unknown-identity", "who left", { policy: withoutIdentity("alice") }],
    ["unknown-target", "no target", { ask: { targets: [] } }],
    ["unknown-target", "one target of two", { ask: { targets: ["prod-db-1", "prod-db-9"] } }],
    ["target-not-covered", "a target of another role", { ask: { targets: ["prod-db-1", "prod-web-1"] } }],
    ["login-not-allowed", "a login of another role", { ask: { logins: ["postgres", "ubuntu"] } }],
    ["unknown-role", "a role that is none", { ask: { role: "root" } }],
    ["bad-duration", "no time", { ask: { durationMs: 0 } }],
    ["duration-too-long", "too long", { ask: { durationMs: 3_600_001 } }],
    ["reason-missing", "no reason", { ask: { reason: " " } }],
    ["ticket-missing", "no ticket", { policy: policyOf({ ticket: /^T-\d+$/ }) }],
    ["begins-too-late", "a begin too far ahead", { ask: { fromMs: 501 + BEGIN_AHEAD_MS_MAX } }],
    ["begins-too-late", "a begin that is no time", { ask: { fromMs: NaN } }],
    ["break-glass-not-allowed", "an emergency where there is none", { ask: { breakGlass: true } }],
    [
      "nobody-can-approve",
      "what its approvers ask for themselves",
      { policy: policyOf({ approvals: fromAny(1, "engineers") }) },
    ],
    [
      "nobody-can-approve",
      "more people than there are",
      { policy: policyOf({ approvals: fromAny(3, "approvers") }) },
    ],
    [
      "nobody-can-approve",
      "locked approvers",
      { policy: policyOf({ approvals: fromAny(2, "approvers") }), events: [locked("identity", "bob")] },
    ],
    ["already-asked", "the same", { events: [requestMade()] }],
    [
      "already-asked",
      "the same for longer, why else",
      { events: [requestMade()], ask: { durationMs: 5, reason: "other" } },
    ],
    ["too-many-open", "a flood of open ones", { events: others(LIMITS.openPerIdentity) }],
    ["too-many-lately", "a flood of quick ones", { events: [...others(5), ...ended(5)] }],
    [
      "too-many-lately",
      "a flood of emergencies",
      {
        policy: policyOf({ breakGlass: true }),
        events: [...others(5), ...ended(5)],
        ask: { breakGlass: true },
      },
    ],
    [
      "too-many-lately",
      "after the clock went back",
      { events: [...others(5), ...ended(5)], nowMs: -10 * HOUR_MS },
    ],
    ["text-too-long", "501 characters of reason", { ask: { reason: "x".repeat(501) } }],
    ["text-too-long", "501 characters of ticket", { ask: { ticket: "x".repeat(501) } }],
    [
      "text-too-long",
      "a text that leaves no room for the names",
      {
        policy: wide,
        ask: {
          targets: manyTargets,
          logins: manyTargets,
          reason: "日".repeat(500),
          ticket: "日".repeat(500),
        },
      },
    ],
    ["too-many-names", "17 targets", { ask: { targets: Array.from({ length: 17 }, () => "prod-db-1") } }],
    ["too-many-names", "17 logins", { ask: { logins: Array.from({ length: 17 }, () => "postgres") } }],
    [
      "too-many-names",
      "names that fill the entry by themselves",
      {
        policy: {
          ...wide,
          roles: policyOf({
            ...{ ...everywhere, logins: manyTargets },
            approvals: {
              ...{ kind: "any-of", signed: false, presence: false },
              quorums: Array.from({ length: 8 }, () => ({
                count: 1,
                from: ["approvers", ...manyTargets.slice(1), long],
              })),
            },
          }).roles,
        },
        ask: { targets: manyTargets, logins: manyTargets },
      },
    ],
  ];
  for (const [reason, name, given] of denials) {
    it(`denies ${name}: ${reason}`, () => {
      const verdict = decide(given);
      assert.equal(verdict.ok ? "ok" : verdict.reason, reason);
    });
  }

  it("lets the same be asked for a time when the other is over, and not a moment sooner", () => {
    const nowMs = 1000;
    const overMs = nowMs + request().durationMs;
    const at = (fromMs: number) => decide({ events: [requestMade()], ask: { fromMs }, nowMs });
    assert.equal(at(overMs).ok, true);
    const sooner = at(overMs - 1);
    assert.equal(sooner.ok || sooner.reason, "already-asked");
  });

  it("says what is locked and why, which request waits, and which role stands in the way", () => {
    const lock = decide({ events: [locked("target", "prod-db-1")] });
    assert.ok(!lock.ok);
    assert.deepEqual([lock.detail, lock.target, lock.lock?.by], ["stolen laptop", "prod-db-1", "root"]);
    const same = decide({ events: [requestMade()] });
    assert.deepEqual(same.ok || [same.request, same.role], [request().id, "db-oncall"]);
    const nobody = decide({ policy: policyOf({ approvals: fromAny(3, "approvers") }) });
    assert.equal(nobody.ok || nobody.role, "db-oncall");
    const second = decide({ ask: { targets: ["prod-db-1", "prod-web-1"] } });
    assert.deepEqual(second.ok || [second.target, second.login, second.instead.targets], [
      "prod-web-1",
      "postgres",
      ["prod-db-1"],
    ]);
  });

  it("finds one role for everything, though a better one gives the first thing", () => {
    const narrow = role({ name: "narrow", approvals: { kind: "automatic" } });
    const broad = role({ name: "broad", ...everywhere });
    const both = { ...ask, targets: ["prod-db-1", "prod-web-1"] };
    const found = roleFor(policy([narrow, broad]), both);
    assert.equal(found.ok && found.role.name, "broad");
    const named = roleFor(policy([narrow, broad]), { ...both, role: "narrow" });
    assert.deepEqual(named.ok || [named.reason, named.role, named.target], [
      "target-not-covered",
      "narrow",
      "prod-web-1",
    ]);
  });
});
