import assert from "node:assert/strict";
import {
  mayApprove,
  type AccessEvent,
  type ApprovalDenial,
  type Approver,
  type Policy,
} from "../../../src/access/index.js";
import {
  answered,
  evidenceFor,
  FINGERPRINT,
  fromAny,
  grantId,
  grantIssued,
  locked,
  policy,
  request,
  requestId,
  requestMade,
  stateOf,
} from "./sample.js";
import { approvedBy, heldIn, policyOf, withGroups, withoutIdentity, word } from "./verdict-sample.js";

const bob: Approver = { name: "bob", signed: false, presence: false };
const needs = fromAny(1, "approvers");
/** Where that key is bob's. */
const bobsKey = ((): Policy => {
  const whole = policy();
  const keys = [{ line: "", fingerprint: FINGERPRINT }];
  const identity = { name: "bob", groups: ["approvers"], keys, workloads: [] };
  return { ...whole, identities: new Map([...whole.identities, ["bob", identity]]) };
})();
const signed = { ...fromAny(1, "approvers"), signed: true } as typeof needs;
const present = { ...fromAny(1, "approvers"), presence: true } as typeof needs;

interface Case {
  /** The request; request() without. */
  readonly made?: AccessEvent;
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly by?: Partial<Approver>;
  readonly durationMs?: number;
  readonly nowMs?: number;
}
const decide = (given: Case) => {
  const { made = requestMade({ needs }), events = [] } = given;
  const { state, held } = heldIn(stateOf(made, ...events));
  const approver = { ...bob, ...given.by };
  return mayApprove(given.policy ?? policy(), state, held, approver, given.durationMs, given.nowMs ?? 500);
};
const revokedKey: AccessEvent = {
  type: "certificate.revoked",
  fingerprint: FINGERPRINT,
  by: "root",
  reason: "lost",
};
const outcome = (type: "request.denied" | "request.lapsed" | "request.cancelled"): AccessEvent =>
  ({
    type,
    request: requestId(),
    ...(type !== "request.lapsed" && { by: "carol", reason: "no" }),
  }) as AccessEvent;

describe("access/may-approve", () => {
  const allowed: readonly [name: string, given: Case, groups: string[]][] = [
    ["an-approver", {}, ["approvers"]],
    ["a-second-approver", { events: [approvedBy("carol", "approvers")] }, ["approvers"]],
    ["for-less-time", { durationMs: 999 }, ["approvers"]],
    ["for-just-the-time", { durationMs: 1000 }, ["approvers"]],
    ["signed", { made: requestMade({ needs: signed }), by: { signed: true } }, ["approvers"]],
    [
      "touched",
      { made: requestMade({ needs: present }), by: { signed: true, presence: true } },
      ["approvers"],
    ],
    ["with-a-live-key", { by: { fingerprint: FINGERPRINT }, policy: bobsKey }, ["approvers"]],
    ["in-the-last-millisecond", { nowMs: 4999 }, ["approvers"]],
    ["who-has-just-joined", { by: { name: "dave" }, policy: withGroups("dave", "approvers") }, ["approvers"]],
    ["500-characters", { by: { comment: "日".repeat(500) } }, ["approvers"]],
    [
      "the-groups-that-count-and-no-others",
      {
        made: requestMade({ needs: fromAny(1, "security", "x") }),
        policy: { ...policyOf({ approvals: { kind: "automatic" } }) },
        by: { name: "carol" },
      },
      ["security"],
    ],
  ];
  for (const [name, given, groups] of allowed) {
    it(`counts ${name}`, () => assert.deepEqual(decide(given), { ok: true, groups }));
  }

  it("writes down a group for each quorum first, eight at most", () => {
    const groups = Array.from({ length: 20 }, (_, n) => `g${n}`);
    const of = {
      kind: "all-of",
      quorums: [
        { count: 1, from: groups.slice(0, 16) },
        { count: 1, from: ["g19"] },
      ],
      signed: false,
      presence: false,
    } as const;
    const given = policyOf({ approvals: of });
    const verdict = decide({
      made: requestMade({ needs: of }),
      policy: {
        ...given,
        identities: new Map([...given.identities, ["bob", { name: "bob", groups, keys: [], workloads: [] }]]),
      },
    });
    assert.deepEqual(verdict.ok && verdict.groups, ["g0", "g19", "g1", "g2", "g3", "g4", "g5", "g6"]);
  });

  const more = requestMade({ extends: grantId() });
  const denials: readonly [reason: ApprovalDenial, name: string, given: Case][] = [
    ["own-request", "the requester", { by: { name: "alice" } }],
    [
      "own-request",
      "the requester who became an approver",
      { by: { name: "alice" }, policy: withGroups("alice", "engineers", "approvers") },
    ],
    [
      "own-request",
      "the requester who became an admin",
      { by: { name: "alice" }, policy: withGroups("alice", "engineers", "approvers", "platform") },
    ],
    ["approved-before", "the same person twice", { events: [approvedBy("bob", "approvers")] }],
    [
      "approved-before",
      "the same person with another key",
      { events: [approvedBy("bob", "approvers")], by: { fingerprint: FINGERPRINT } },
    ],
    ["not-open", "what was denied", { events: [outcome("request.denied")] }],
    ["not-open", "what was cancelled", { events: [outcome("request.cancelled")] }],
    [
      "not-open",
      "what was granted",
      { events: [approvedBy("carol", "approvers"), answered({ approvers: ["carol"] })] },
    ],
    ["lapsed", "what lapsed", { events: [outcome("request.lapsed")] }],
    ["lapsed", "what lapsed unseen", { nowMs: 5000 }],
    ["locked", "a locked approver", { events: [locked("identity", "bob")] }],
    ["locked", "for a locked requester", { events: [locked("identity", "alice")] }],
    ["locked", "for a locked target", { events: [locked("target", "prod-db-1")] }],
    ["key-revoked", "a revoked key", { events: [revokedKey], by: { fingerprint: FINGERPRINT } }],
    ["foreign-key", "a key that was certified in their name only", { by: { fingerprint: FINGERPRINT } }],
    ["not-an-approver", "who is in no such group", { by: { name: "dave" } }],
    ["not-an-approver", "an admin who is in no such group", { by: { name: "root" } }],
    ["not-an-approver", "the admin at the machine", { by: { name: "admin@local" } }],
    ["not-an-approver", "the bastion", { by: { name: "bastion@local" } }],
    ["not-an-approver", "a stranger", { by: { name: "mallory" } }],
    ["not-an-approver", "who left", { policy: withoutIdentity("bob") }],
    ["not-an-approver", "who left the group", { policy: withGroups("bob", "engineers") }],
    [
      "not-an-approver",
      "whom the role no longer asks",
      { policy: policyOf({ approvals: fromAny(1, "security") }) },
    ],
    ["not-an-approver", "whom it was not asked of", { made: requestMade({ needs: fromAny(1, "security") }) }],
    ["not-an-approver", "what nobody need approve", { made: requestMade({ needs: { kind: "automatic" } }) }],
    ["signature-required", "no signature", { made: requestMade({ needs: signed }) }],
    [
      "signature-required",
      "no signature, as the role now wants",
      { policy: policyOf({ approvals: signed }) },
    ],
    [
      "signature-required",
      "a touch without a signature",
      { made: requestMade({ needs: present }), by: { presence: true } },
    ],
    [
      "presence-required",
      "a signature without a touch",
      { made: requestMade({ needs: present }), by: { signed: true } },
    ],
    ["longer-than-asked", "more time", { durationMs: 1001 }],
    ["bad-duration", "no time", { durationMs: 0 }],
    ["bad-duration", "time that is none", { durationMs: NaN }],
    ["role-withdrawn", "a role that is gone", { policy: policy([]) }],
    [
      "role-narrowed",
      "a role that lost the target",
      { policy: policyOf({ targets: { by: "names", globs: ["x"] } }) },
    ],
    ["role-narrowed", "a role that lost the requester", { policy: withGroups("alice", "friends") }],
    ["role-narrowed", "a role that became shorter", { policy: policyOf({ maxDurationMs: 999 }) }],
    ["role-narrowed", "a role that wants a ticket now", { policy: policyOf({ ticket: /^T-\d+$/ }) }],
    ["grant-over", "more time for a grant that ended", { made: grantIssued(), events: [more], nowMs: 2000 }],
    [
      "grant-over",
      "more time for a revoked grant",
      {
        made: grantIssued(),
        events: [more, { type: "grant.revoked", grant: grantId(), by: "root", reason: "x" }],
      },
    ],
    ["text-too-long", "501 characters", { by: { comment: "x".repeat(501) } }],
    [
      "text-too-long",
      "a comment that leaves no room for the signature",
      {
        by: {
          signed: true,
          comment: "日".repeat(500),
          evidence: { ...evidenceFor(request()), key: "YWFh".repeat(400), signature: "YWFh".repeat(400) },
        },
      },
    ],
  ];
  for (const [reason, name, given] of denials) {
    it(`denies ${name}: ${reason}`, () => assert.equal(word(decide(given)), reason));
  }

  it("says why it is locked", () => {
    const verdict = decide({ events: [locked("identity", "bob")] });
    assert.ok(!verdict.ok);
    assert.equal(verdict.detail, "stolen laptop");
  });
});
