import assert from "node:assert/strict";
import {
  mayApproveRedaction,
  mayDenyRedaction,
  mayRedact,
  redactorsBut,
  type AccessEvent,
  type Policy,
  type RedactAsk,
} from "../../../src/access/index.js";
import { ended, held, redacted, redactionApproved, redactionAsked, redactors } from "./redaction-sample.js";
import { grantIssued, holdId, locked, redactionId, sessionId, sessionStarted, stateOf } from "./sample.js";
import { withoutIdentity, word } from "./verdict-sample.js";

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly by?: string;
  readonly nowMs?: number;
}
const lifted: AccessEvent = { type: "hold.lifted", hold: holdId(), by: "root", reason: "over" };
const denied: AccessEvent = { type: "redaction.denied", redaction: redactionId(), by: "erin", reason: "no" };
const nobody = { ...redactors(), redactors: [] };
const done = [...ended, redactionAsked(), redactionApproved(), redacted()];
const daves = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    redactionAsked({ redaction: redactionId(n + 1), blocks: [100 + n, 100 + n] }),
  );

describe("access/may-redact", () => {
  const asking: readonly [string, string, Case & Partial<RedactAsk>][] = [
    ["ok", "a redactor, about a session that is over", {}],
    ["ok", "what was denied before", { events: [...ended, redactionAsked(), denied] }],
    ["ok", "what has lapsed", { events: [...ended, redactionAsked()], nowMs: 100 }],
    ["ok", "blocks beside others", { events: [...done], from: 7, to: 9 }],
    ["ok", "what was held once", { events: [...ended, held, lifted] }],
    ["not-a-redactor", "an admin", { by: "root" }],
    ["not-a-redactor", "the admin at the machine", { by: "admin@local" }],
    ["not-a-redactor", "anybody, where nobody may", { policy: nobody }],
    ["not-a-redactor", "who left", { policy: withoutIdentity("dave", redactors()) }],
    ["locked", "who is locked", { events: [...ended, locked("identity", "dave")] }],
    ["session-live", "a live session", { events: [grantIssued(), sessionStarted()] }],
    ["held", "a session under a hold", { events: [...ended, held] }],
    ["header-or-keys", "the header", { from: 0, to: 5 }],
    ["header-or-keys", "the keys", { from: 1, to: 1 }],
    ["overlaps", "what waits", { events: [...ended, redactionAsked()], from: 6, to: 9 }],
    [
      "overlaps",
      "what is approved",
      { events: [...ended, redactionAsked(), redactionApproved()], from: 2, to: 4 },
    ],
    ["overlaps", "what is gone", { events: done, from: 5, to: 5 }],
    ["ok", "a twentieth", { events: [...ended, ...daves(19)], nowMs: 50 }],
    ["too-many-open", "a twenty-first", { events: [...ended, ...daves(20)], nowMs: 50 }],
  ];
  for (const [expected, name, given] of asking)
    it(`answers who asks, ${name}: ${expected}`, () => {
      const { events = ended, policy = redactors(), by = "dave", nowMs = 50, from = 4, to = 6 } = given;
      const ask = { session: sessionId(), from, to, by };
      assert.equal(word(mayRedact(policy, stateOf(...events), ask, nowMs)), expected);
    });

  const asked = [...ended, redactionAsked()];
  const deciding: readonly [approving: string, denying: string, name: string, given: Case][] = [
    ["ok", "ok", "another redactor", {}],
    ["own-redaction", "ok", "who asked", { by: "dave" }],
    ["not-a-redactor", "ok", "who asked, and is none any more", { by: "dave", policy: nobody }],
    ["not-a-redactor", "not-a-redactor", "an admin", { by: "root" }],
    ["not-a-redactor", "not-a-redactor", "the admin at the machine", { by: "admin@local" }],
    ["not-a-redactor", "not-a-redactor", "who left", { policy: withoutIdentity("erin", redactors()) }],
    ["locked", "locked", "who is locked", { events: [...asked, locked("identity", "erin")] }],
    ["lapsed", "lapsed", "too late", { nowMs: 100 }],
    ["not-open", "not-open", "what is denied", { events: [...asked, denied] }],
    ["not-open", "not-open", "what is approved", { events: [...asked, redactionApproved("bob")] }],
    ["held", "ok", "a session under a hold by now", { events: [...asked, held] }],
  ];
  for (const [approving, denying, name, given] of deciding)
    it(`answers who decides, ${name}: yes ${approving}, no ${denying}`, () => {
      const { events = asked, policy = redactors(), by = "erin", nowMs = 50 } = given;
      const state = stateOf(...events);
      const about = state.redactions.get(redactionId())!;
      assert.equal(word(mayApproveRedaction(policy, state, about, by, nowMs)), approving);
      assert.equal(word(mayDenyRedaction(policy, state, about, by, nowMs)), denying);
    });

  it("names who could decide", () => {
    assert.deepEqual(redactorsBut(redactors(), "dave"), ["erin"]);
    assert.deepEqual(redactorsBut(nobody, "dave"), []);
  });
});
