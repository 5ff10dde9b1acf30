import assert from "node:assert/strict";
import { mayReview, type AccessEvent, type Policy, type ReviewDenial } from "../../../src/access/index.js";
import { answered, grantId, grantIssued, locked, policy, requestMade, stateOf } from "./sample.js";
import { policyOf, withGroups, withoutIdentity, word } from "./verdict-sample.js";

const emergency = [requestMade({ breakGlass: true }), answered({ how: "break-glass", approvers: [] })];
const reviewed: AccessEvent = { type: "grant.reviewed", grant: grantId(), by: "carol", comment: "seen" };
const revoked: AccessEvent = { type: "grant.revoked", grant: grantId(), by: "bob", reason: "enough" };

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly by?: string;
  readonly nowMs?: number;
}

describe("access/may-review", () => {
  const rows: readonly [expected: ReviewDenial | "ok", name: string, given: Case][] = [
    ["ok", "an approver of its role", {}],
    ["ok", "an admin", { by: "root" }],
    ["ok", "an auditor", { by: "dave", policy: withGroups("dave", "auditors") }],
    ["ok", "what was revoked", { events: [...emergency, revoked], nowMs: 1500 }],
    ["still-live", "what can still be used", { nowMs: 1999 }],
    ["own-grant", "its holder", { by: "alice" }],
    ["own-grant", "its holder, an admin by now", { by: "alice", policy: withGroups("alice", "platform") }],
    ["not-a-reviewer", "somebody else", { by: "dave" }],
    ["not-a-reviewer", "the admin at the machine, who may be the holder", { by: "admin@local" }],
    ["not-a-reviewer", "who left", { policy: withoutIdentity("bob") }],
    ["not-a-reviewer", "an approver of a role that is gone", { policy: policy([]) }],
    [
      "not-a-reviewer",
      "an approver of what nobody approves",
      { policy: policyOf({ approvals: { kind: "automatic" } }) },
    ],
    ["locked", "who is locked", { events: [...emergency, locked("identity", "bob")] }],
    ["no-review-needed", "a grant that was approved", { events: [grantIssued()] }],
    ["reviewed-before", "what was reviewed", { events: [...emergency, reviewed] }],
  ];
  for (const [expected, name, given] of rows) {
    it(`answers ${name}: ${expected}`, () => {
      const state = stateOf(...(given.events ?? emergency));
      const held = state.grants.get(grantId())!;
      const by = given.by ?? "bob";
      assert.equal(word(mayReview(given.policy ?? policy(), state, held, by, given.nowMs ?? 2000)), expected);
    });
  }
});
