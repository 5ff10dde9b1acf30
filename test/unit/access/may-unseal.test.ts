import assert from "node:assert/strict";
import { fold, mayUnseal, type AccessEvent, type Policy, type UnsealAsk } from "../../../src/access/index.js";
import { ended, redactors } from "./redaction-sample.js";
import { grantIssued, HASH, locked, sessionId, sessionStarted, stateOf } from "./sample.js";
import { withoutIdentity, word } from "./verdict-sample.js";

/** Dave and erin unseal, and dave is an auditor as well. */
const policy: Policy = { ...redactors(), unsealers: ["redactors"], auditors: ["redactors"] };
const over: AccessEvent = { type: "session.ended", session: sessionId(), outcome: "closed" };
const deleted: AccessEvent = { type: "recording.deleted", session: sessionId(), hash: HASH };
const unsealed = (by: string, auditor: string): AccessEvent => ({
  ...{ type: "recording.unsealed", session: sessionId(), by, for: auditor, reason: "INC-42" },
  recipient: `bascule-auditor:${"A".repeat(43)}`,
});

interface Case extends Partial<UnsealAsk> {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
}

describe("access/may-unseal", () => {
  const cases: readonly [string, string, Case][] = [
    ["ok", "an unsealer, for an auditor", {}],
    ["not-an-unsealer", "an admin", { by: "root" }],
    ["not-an-unsealer", "anybody, where nobody may", { policy: { ...policy, unsealers: [] } }],
    ["own-unsealing", "for themselves", { for: "dave" }],
    ["not-an-auditor", "for who reads nothing", { policy: { ...policy, auditors: [] } }],
    ["not-an-auditor", "for who left", { policy: withoutIdentity("erin", policy) }],
    ["locked", "who is locked", { events: [...ended, locked("identity", "dave")] }],
    ["locked", "for who is locked", { events: [...ended, locked("identity", "erin")] }],
    ["session-live", "a live session", { events: [grantIssued(), sessionStarted()] }],
    [
      "deleted",
      "what is no more",
      { events: [grantIssued(), sessionStarted({ retention: { keepMs: 0 } }), over, deleted] },
    ],
  ];
  for (const [expected, name, { events = ended, policy: given = policy, ...changes }] of cases)
    it(`says ${expected}: ${name}`, () => {
      const ask = { session: sessionId(), by: "dave", for: "erin", ...changes };
      assert.equal(word(mayUnseal(given, stateOf(...events), ask)), expected);
    });

  it("is folded once for each, and never for oneself", () => {
    const state = stateOf(...ended, unsealed("dave", "erin"), unsealed("erin", "dave"));
    const seen = state.sessions.get(sessionId())?.unsealed?.map(({ by, for: auditor }) => [by, auditor]);
    assert.deepEqual(seen, [
      ["dave", "erin"],
      ["erin", "dave"],
    ]);
    assert.throws(() => fold(state, unsealed("dave", "dave"), 9), { code: "impossible-event" });
    const live = stateOf(grantIssued(), sessionStarted());
    assert.throws(() => fold(live, unsealed("dave", "erin"), 9), { code: "impossible-event" });
  });
});
