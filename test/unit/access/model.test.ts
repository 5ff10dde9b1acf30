import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyState, fold } from "../../../src/access/index.js";
import { Desk } from "./desk.js";
import { moves, PEOPLE, real, TARGETS, usual } from "./history.js";
import { NaiveModel } from "./naive-model.js";

/** Everything that both sides know, in the same words. */
const seenBy = (side: Desk | NaiveModel): unknown => {
  const who = PEOPLE.flatMap((name) =>
    TARGETS.map((where) => [name, where, side.accessUntil(name, where) ?? "-"]),
  );
  if (side instanceof NaiveModel) {
    const open = side.requests.map(({ open: isOpen }, n) => (isOpen ? n : -1)).filter((n) => n >= 0);
    const until = side.grants.map((grant) => grant.until);
    const unreviewed = side.grants.filter((grant) => grant.glass && !grant.reviewed).length;
    return { who, open, until, unreviewed, locks: new Set(side.locks).size };
  }
  const { state } = side;
  const open = [...state.openRequests].map((id) => side.requests.indexOf(id));
  const until = side.grants.map((id) => state.grants.get(id)?.grant.untilMs);
  return { who, open, until, unreviewed: state.openReviews.size, locks: state.locks.size };
};

describe("access beside a naive model of it", () => {
  it("answers every question the same, through every history", () => {
    const seen = new Map<string, number>();
    const count = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(moves, (history) => {
        const desk = new Desk(real(usual));
        const naive = new NaiveModel(usual);
        const told: string[] = [];
        for (const { name, run } of history) {
          const answers = [run(desk), run(naive)];
          told.push(`${name}: ${String(answers[0])}`);
          assert.equal(answers[0], answers[1], told.join("\n"));
          assert.deepEqual(seenBy(desk), seenBy(naive), told.join("\n"));
          if (answers[0] === true) count(name.split(" ")[1] ?? "");
        }
        for (const { grant, extensions } of desk.state.grants.values()) {
          count(grant.how ?? "");
          if (extensions.some(({ request }) => request !== undefined)) count("extended by request");
        }
        const again = desk.events.reduce((state, { event, atMs }) => fold(state, event, atMs), emptyState());
        assert.deepEqual(again, desk.state, "what is written down is all there is");
      }),
      { numRuns: 600 },
    );
    const wanted = [
      "asks",
      "approves",
      "denies",
      "cancels",
      "extends",
      "reviews",
      "approved",
      "automatic",
      "break-glass",
      "extended by request",
    ];
    for (const what of wanted) assert.ok((seen.get(what) ?? 0) >= 1, `${what}: only ${seen.get(what)} times`);
  });
});
