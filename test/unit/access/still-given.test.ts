import assert from "node:assert/strict";
import {
  approversOf,
  explain,
  stillGiven,
  type AccessEvent,
  type Approvals,
  type GivenFault,
  type Policy,
} from "../../../src/access/index.js";
import {
  FINGERPRINT,
  fromAny,
  grantId,
  grantIssued,
  locked,
  policy,
  request,
  requestApproved,
  requestMade,
  role,
  stateOf,
} from "./sample.js";
import { approvedBy, heldIn, policyOf, withGroups, withoutIdentity, word } from "./verdict-sample.js";

const approved = approvedBy("bob", "approvers");
const two = fromAny(2, "approvers");
const automatic: Approvals = { kind: "automatic" };

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly nowMs?: number;
}
const decide = (given: Case) => {
  const { state, held } = heldIn(stateOf(...(given.events ?? [requestMade(), approved])));
  return stillGiven(given.policy ?? policy(), state, held, given.nowMs ?? 500);
};
const emergency = [requestMade({ breakGlass: true })];
const more = [grantIssued(), requestMade({ extends: grantId() }), approved];

describe("access/still-given", () => {
  const given: readonly [name: string, given: Case][] = [
    ["what is approved", {}],
    ["after its lapse, approved before", { nowMs: 6000 }],
    [
      "automatically",
      { events: [requestMade({ needs: automatic })], policy: policyOf({ approvals: automatic }) },
    ],
    ["what was approved, though nobody need any more", { policy: policyOf({ approvals: automatic }) }],
    ["in an emergency", { events: emergency, policy: policyOf({ breakGlass: true }) }],
    [
      "by approvers who are in another group that counts now",
      {
        policy: {
          ...policyOf({ approvals: fromAny(1, "x") }),
          identities: withGroups("bob", "x").identities,
        },
      },
    ],
    [
      "with one more yes than needed",
      {
        events: [requestMade(), approved, approvedBy("carol", "approvers")],
        policy: policyOf({ approvals: two }),
      },
    ],
    [
      "for the shorter time that is left",
      {
        events: [requestMade(), requestApproved({ durationMs: 10 })],
        policy: policyOf({ maxDurationMs: 10 }),
      },
    ],
    ["more time", { events: more }],
  ];
  for (const [name, each] of given) {
    it(`gives ${name}`, () => assert.equal(word(decide(each)), "ok"));
  }

  const faults: readonly [reason: GivenFault, name: string, given: Case][] = [
    ["locked", "a locked requester", { events: [requestMade(), approved, locked("identity", "alice")] }],
    ["locked", "a locked target", { events: [requestMade(), approved, locked("target", "prod-db-1")] }],
    ["role-withdrawn", "a role that is gone", { policy: policy([]) }],
    ["role-narrowed", "a requester who left", { policy: withoutIdentity("alice") }],
    ["role-narrowed", "a login that is gone", { policy: policyOf({ logins: ["ubuntu"] }) }],
    ["role-narrowed", "a role that became shorter", { policy: policyOf({ maxDurationMs: 999 }) }],
    ["role-narrowed", "an emergency that is none any more", { events: emergency }],
    ["approvals-missing", "what nobody approved", { events: [requestMade()] }],
    [
      "approvals-missing",
      "what half approved",
      { events: [requestMade({ needs: two }), approved], policy: policyOf({ approvals: automatic }) },
    ],
    ["approvals-tightened", "a role that wants two now", { policy: policyOf({ approvals: two }) }],
    [
      "approvals-tightened",
      "a role that wants others now",
      { policy: policyOf({ approvals: fromAny(1, "security") }) },
    ],
    [
      "approvals-tightened",
      "a role that wants signatures now",
      { policy: policyOf({ approvals: { ...fromAny(1, "approvers"), signed: true } as Approvals }) },
    ],
    ["approvals-tightened", "automatic that is so no more", { events: [requestMade({ needs: automatic })] }],
    ["approvals-tightened", "an approver who left", { policy: withoutIdentity("bob") }],
    ["approvals-tightened", "an approver who left the group", { policy: withGroups("bob", "engineers") }],
    [
      "approvals-tightened",
      "an approver who is locked by now",
      { events: [requestMade(), approved, locked("identity", "bob")] },
    ],
    [
      "approvals-tightened",
      "an approver whose key is revoked by now",
      {
        events: [
          requestMade(),
          requestApproved({ fingerprint: FINGERPRINT }),
          { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "root", reason: "stolen" },
        ],
      },
    ],
    ["grant-over", "more time for what has ended", { events: more, nowMs: 2000 }],
    [
      "grant-over",
      "more time for what was revoked",
      { events: [...more, { type: "grant.revoked", grant: grantId(), by: "root", reason: "x" }] },
    ],
    [
      "role-narrowed",
      "more time than the role gives now",
      { events: more, policy: policyOf({ maxDurationMs: 2499 }) },
    ],
    [
      "role-narrowed",
      "more time where the login is gone",
      { events: more, policy: policyOf({ logins: ["ubuntu"] }) },
    ],
    ["approvals-missing", "more time that nobody approved", { events: more.slice(0, 2) }],
  ];
  for (const [reason, name, each] of faults) {
    it(`does not give ${name}: ${reason}, in words`, () => {
      const verdict = decide(each);
      assert.ok(!verdict.ok && verdict.detail !== "");
      assert.equal(verdict.reason, reason);
    });
  }
});

describe("access/approvers-of", () => {
  it("names who could approve a role or a request, and never the requester", () => {
    assert.deepEqual(approversOf(policy(), role(), "alice"), ["bob", "carol"]);
    assert.deepEqual(approversOf(policy(), role(), "bob"), ["carol"]);
    assert.deepEqual(approversOf(policy(), request({ needs: fromAny(1, "security") }), "alice"), [
      "carol",
      "dave",
    ]);
    assert.deepEqual(approversOf(policy(), role({ approvals: automatic }), "alice"), []);
    assert.deepEqual(approversOf(policy(), role({ approvals: fromAny(1, "nobody") }), "alice"), []);
  });
});

describe("access/explain", () => {
  const roles = [
    role({
      name: "wrong",
      groups: ["friends"],
      targets: { by: "names", globs: ["x"] },
      logins: ["root"],
      approvals: fromAny(3, "approvers"),
    }),
    role({ name: "web", targets: { by: "names", globs: ["*"] }, logins: ["www-data"] }),
    role(),
  ];

  it("says of every role everything that stands in the way, those that give it first", () => {
    const explained = explain(policy(roles), "alice", "prod-db-1", "postgres");
    assert.ok(explained.ok);
    assert.deepEqual(
      explained.roles.map(({ role: { name }, faults, approvers }) => [name, faults, approvers]),
      [
        ["db-oncall", [], ["bob", "carol"]],
        ["web", ["login-not-in-role"], ["bob", "carol"]],
        [
          "wrong",
          ["not-in-group", "target-not-covered", "login-not-in-role", "nobody-can-approve"],
          ["bob", "carol"],
        ],
      ],
    );
  });

  it("tells a login that the target has not from one that the role gives not", () => {
    const explained = explain(policy([role({ logins: ["root"] })]), "alice", "prod-db-1", "root");
    assert.deepEqual(explained.ok && explained.roles[0]?.faults, ["login-not-on-target"]);
  });

  it("knows whom and what it does not know", () => {
    assert.equal(word(explain(policy(), "mallory", "prod-db-1", "x")), "unknown-identity");
    assert.equal(word(explain(policy(), "alice", "x", "x")), "unknown-target");
  });
});
