import assert from "node:assert/strict";
import { mock } from "node:test";
import { OpeningSession, type OrderedSession } from "../../../src/proxy/opening-session.js";

function standing() {
  const moves: [untilMs: number, remainingMs: number][] = [];
  const session = { moveDeadline: (...move: [number, number]) => moves.push(move) };
  return { moves, session: session as unknown as OrderedSession };
}

describe("proxy/opening-session", () => {
  it("keeps the last deadline that was ordered, and takes off the time that has gone by", () => {
    let nowMs = 5000;
    const clock = mock.method(performance, "now", () => nowMs);
    try {
      const opening = new OpeningSession("ses-1", 8);
      opening.moveDeadline(9_000_000, 60_000);
      nowMs += 1000;
      opening.moveDeadline(8_000_000, 30_000);
      nowMs += 2000;
      const { moves, session } = standing();
      opening.handOver(session);
      nowMs += 60_000;
      opening.handOver(session);
      assert.deepEqual(moves, [
        [8_000_000, 28_000],
        [8_000_000, 0],
      ]);
    } finally {
      clock.mock.restore();
    }
  });

  it("orders nothing of a session whose deadline nobody moved", () => {
    const { moves, session } = standing();
    new OpeningSession("ses-1", 8).handOver(session);
    assert.deepEqual(moves, []);
  });

  it("aborts what is under way at a cut, and keeps the first words", () => {
    const opening = new OpeningSession("ses-1", 8);
    assert.equal(opening.signal.aborted, false);
    opening.cut({ reason: "locked", text: "alice is locked" });
    opening.cut({ reason: "revoked", text: "later" });
    assert.equal(opening.signal.aborted, true);
    assert.equal(opening.words, "bascule: session ses-1 closed: alice is locked");
  });
});
