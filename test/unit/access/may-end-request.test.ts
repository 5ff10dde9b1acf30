import assert from "node:assert/strict";
import {
  mayCancel,
  mayDeny,
  type AccessEvent,
  type EndingDenial,
  type Policy,
} from "../../../src/access/index.js";
import { fromAny, locked, policy, requestId } from "./sample.js";
import { asked, policyOf, withoutIdentity, word } from "./verdict-sample.js";

const lapsed: AccessEvent = { type: "request.lapsed", request: requestId() };
const denied: AccessEvent = { type: "request.denied", request: requestId(), by: "carol", reason: "no" };

type Row = readonly [
  expected: EndingDenial | "ok",
  name: string,
  by: string,
  events?: readonly AccessEvent[],
  policy?: Policy,
  nowMs?: number,
];

describe("access/may-end-request", () => {
  const denials: readonly Row[] = [
    ["ok", "an approver", "bob"],
    ["ok", "an admin", "root"],
    ["ok", "the admin at the machine", "admin@local"],
    ["ok", "an approver of today", "dave", [], policyOf({ approvals: fromAny(1, "security") })],
    ["ok", "an approver of when it was asked", "bob", [], policyOf({ approvals: fromAny(1, "security") })],
    ["ok", "an approver of a role that is gone", "bob", [], policy([])],
    ["own-request", "the requester", "alice"],
    ["not-an-approver", "somebody else", "dave"],
    ["not-an-approver", "a stranger", "mallory"],
    ["not-an-approver", "who left", "bob", [], withoutIdentity("bob")],
    ["locked", "a locked approver", "bob", [locked("identity", "bob")]],
    ["ok", "for a locked requester", "bob", [locked("identity", "alice"), locked("target", "prod-db-1")]],
    ["not-open", "what has an answer", "bob", [denied]],
    ["lapsed", "what lapsed", "bob", [lapsed]],
    ["lapsed", "what lapsed unseen", "bob", [], policy(), 5000],
  ];
  for (const [expected, name, by, events = [], given = policy(), nowMs = 500] of denials) {
    it(`answers ${name} who says no: ${expected}`, () => {
      const { state, held } = asked(...events);
      assert.equal(word(mayDeny(given, state, held, by, nowMs)), expected);
    });
  }

  const cancels: readonly Row[] = [
    ["ok", "the requester", "alice"],
    ["not-yours", "an approver", "bob"],
    ["not-yours", "an admin", "root"],
    ["not-yours", "the admin at the machine", "admin@local"],
    ["locked", "a locked requester", "alice", [locked("identity", "alice")]],
    ["not-open", "the requester of what has an answer", "alice", [denied]],
    ["lapsed", "the requester of what lapsed", "alice", [lapsed]],
  ];
  for (const [expected, name, by, events = []] of cancels) {
    it(`answers ${name} who takes it back: ${expected}`, () => {
      const { state, held } = asked(...events);
      assert.equal(word(mayCancel(state, held, by, 500)), expected);
    });
  }
});
