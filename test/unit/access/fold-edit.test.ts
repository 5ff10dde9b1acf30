import assert from "node:assert/strict";
import type { AccessEvent } from "../../../src/access/index.js";
import { ended, held, redacted, redactionApproved, redactionAsked } from "./redaction-sample.js";
import { grantIssued, HASH, redactionId, sessionId, sessionStarted, stateOf } from "./sample.js";

const AUDITOR = `bascule-auditor:${"A".repeat(43)}`;
const denied: AccessEvent = {
  ...{ type: "redaction.denied", redaction: redactionId(), by: "erin", reason: "too much" },
};
const lapsed: AccessEvent = { type: "redaction.lapsed", redaction: redactionId() };
const rewrapped = (changes: object = {}): AccessEvent => ({
  ...{
    type: "recording.rewrapped",
    session: sessionId(),
    by: "bob",
    recipients: [AUDITOR],
    substitute: HASH,
  },
  ...changes,
});
const live = [grantIssued(), sessionStarted()];

describe("access/fold-edit", () => {
  it("keeps what is asked for open until it is decided", () => {
    const state = stateOf(...ended, redactionAsked());
    assert.deepEqual(state.redactions.get(redactionId()), {
      ...{ redaction: redactionId(), session: sessionId(), from: 4, to: 6, reason: "a password", by: "dave" },
      ...{ lapsesAtMs: 100, askedAtMs: 4 },
    });
    assert.deepEqual([...state.openRedactions], [redactionId()]);
  });

  it("keeps what is approved open until the ledger says that it was done", () => {
    const state = stateOf(...ended, redactionAsked(), redactionApproved());
    assert.deepEqual([...state.openRedactions], [redactionId()]);
    assert.deepEqual(state.redactions.get(redactionId())?.outcome, { kind: "approved", atMs: 5, by: "erin" });
    assert.equal(state.sessions.get(sessionId())?.redacted, undefined);
  });

  it("lets verification know what is substituted", () => {
    const state = stateOf(...ended, redactionAsked(), redactionApproved(), redacted(), rewrapped());
    const session = state.sessions.get(sessionId());
    assert.deepEqual(session?.redacted, [{ redaction: redactionId(), from: 4, to: 6, substitutes: HASH }]);
    assert.equal(session.rewrapped?.substitute, HASH);
    assert.deepEqual(state.redactions.get(redactionId())?.done, { atMs: 6, approval: 5, substitutes: HASH });
    assert.equal(state.openRedactions.size, 0);
  });

  it("goes by the last re-wrap", () => {
    const state = stateOf(...ended, rewrapped(), rewrapped({ substitute: "1".repeat(64) }));
    assert.equal(state.sessions.get(sessionId())?.rewrapped?.substitute, "1".repeat(64));
  });

  for (const [name, event] of [
    ["denied", denied],
    ["lapsed", lapsed],
  ] as const)
    it(`ends what is ${name}`, () => {
      const state = stateOf(...ended, redactionAsked(), event);
      assert.equal(state.redactions.get(redactionId())?.outcome?.kind, name);
      assert.equal(state.openRedactions.size, 0);
    });

  const asked = [...ended, redactionAsked()];
  const approved = [...asked, redactionApproved()];
  const impossible: readonly [string, readonly AccessEvent[]][] = [
    ["a re-wrap of a session that is not there", [rewrapped()]],
    ["a re-wrap of a live session", [...live, rewrapped()]],
    ["a re-wrap that leaves nobody", [...ended, rewrapped({ recipients: [] })]],
    ["a redaction of a live session", [...live, redactionAsked()]],
    ["a redaction that was asked for before", [...asked, redactionAsked()]],
    ["an approval of what nobody asked for", [...ended, redactionApproved()]],
    ["an approval by who asked", [...asked, redactionApproved("dave")]],
    ["a second approval", [...approved, redactionApproved("bob")]],
    ["an approval of what was denied", [...asked, denied, redactionApproved()]],
    [
      "an approval of what has lapsed",
      [...asked.slice(0, -1), redactionAsked({ lapsesAtMs: 5 }), redactionApproved()],
    ],
    ["a denial of what was approved", [...approved, denied]],
    ["a redaction that nobody approved", [...asked, redacted()]],
    ["a redaction of other blocks", [...approved, redacted({ to: 7 })]],
    ["a redaction of another session", [...approved, redacted({ session: sessionId(2) })]],
    ["a redaction that was done before", [...approved, redacted(), redacted()]],
    ["a redaction under a hold", [...approved, held, redacted()]],
  ];
  for (const [name, events] of impossible)
    it(`knows ${name} to be impossible`, () => {
      stateOf(...events.slice(0, -1));
      assert.throws(() => stateOf(...events), { name: "AccessError", code: "impossible-event" });
    });
});
