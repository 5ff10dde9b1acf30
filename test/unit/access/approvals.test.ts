import assert from "node:assert/strict";
import {
  isApproved,
  missingApprovals,
  peopleNeeded,
  seatedApprovers,
  type Approvals,
  type Quorum,
  type Vote,
} from "../../../src/access/index.js";

const vote = (by: string, ...groups: string[]): Vote => ({ by, groups, signed: false, presence: false });
const rule = (kind: "all-of" | "any-of", ...quorums: Quorum[]): Approvals => ({
  ...{ kind, quorums, signed: false, presence: false },
});
const from = (count: number, ...groups: string[]): Quorum => ({ count, from: groups });
const signed = (each: Vote): Vote => ({ ...each, signed: true });
const touched = (each: Vote): Vote => ({ ...each, signed: true, presence: true });
const needsSigned = { ...rule("all-of", from(1, "a")), signed: true } as Approvals;
const needsPresence = { ...rule("all-of", from(1, "a")), presence: true } as Approvals;

describe("access/approvals", () => {
  const cases: readonly [
    name: string,
    needs: Approvals,
    votes: readonly Vote[],
    missing: readonly Quorum[],
  ][] = [
    ["automatic-needs-nobody", { kind: "automatic" }, [], []],
    ["one-of-one-group", rule("all-of", from(1, "a")), [vote("bob", "a")], []],
    ["nobody-yet", rule("all-of", from(2, "a")), [], [from(2, "a")]],
    ["one-of-two", rule("all-of", from(2, "a")), [vote("bob", "a")], [from(1, "a")]],
    ["two-of-two", rule("all-of", from(2, "a")), [vote("bob", "a"), vote("carol", "a")], []],
    ["either-group", rule("all-of", from(2, "a", "b")), [vote("bob", "a"), vote("carol", "b")], []],
    ["another-group", rule("all-of", from(1, "a")), [vote("bob", "b")], [from(1, "a")]],
    ["no-group", rule("all-of", from(1, "a")), [vote("bob")], [from(1, "a")]],
    ["one-person-twice", rule("all-of", from(2, "a")), [vote("bob", "a"), vote("bob", "a")], [from(1, "a")]],
    [
      "one-person-in-both-groups-fills-one-seat",
      rule("all-of", from(1, "a"), from(1, "b")),
      [vote("bob", "a", "b")],
      [from(1, "b")],
    ],
    [
      "one-person-in-two-votes-with-other-groups",
      rule("all-of", from(1, "a"), from(1, "b")),
      [vote("bob", "a"), vote("bob", "b")],
      [from(1, "b")],
    ],
    [
      "who-fits-both-makes-room",
      rule("all-of", from(1, "a"), from(1, "b")),
      [vote("bob", "a", "b"), vote("carol", "a")],
      [],
    ],
    [
      "a-chain-of-making-room",
      rule("all-of", from(1, "a"), from(1, "b"), from(1, "c")),
      [vote("bob", "a", "b"), vote("carol", "b", "c"), vote("dave", "b"), vote("erin", "a")],
      [],
    ],
    [
      "three-for-two-quorums-of-two",
      rule("all-of", from(2, "a"), from(2, "b")),
      [vote("bob", "a", "b"), vote("carol", "a", "b"), vote("dave", "a", "b")],
      [from(1, "b")],
    ],
    ["the-requester", rule("all-of", from(1, "a")), [vote("alice", "a")], [from(1, "a")]],
    ["any-of-one-met", rule("any-of", from(2, "a"), from(1, "b")), [vote("bob", "b")], []],
    [
      "any-of-none-met",
      rule("any-of", from(2, "a"), from(2, "b")),
      [vote("bob", "a"), vote("carol", "b")],
      [from(1, "a"), from(1, "b")],
    ],
    [
      "any-of-counts-one-person-in-each",
      rule("any-of", from(2, "a"), from(2, "b")),
      [vote("bob", "a", "b"), vote("carol", "b")],
      [],
    ],
    ["unsigned-where-signed", needsSigned, [vote("bob", "a")], [from(1, "a")]],
    ["signed-where-signed", needsSigned, [signed(vote("bob", "a"))], []],
    ["untouched-where-touched", needsPresence, [signed(vote("bob", "a"))], [from(1, "a")]],
    ["touched-but-unsigned", needsPresence, [{ ...vote("bob", "a"), presence: true }], [from(1, "a")]],
    ["touched-where-touched", needsPresence, [touched(vote("bob", "a"))], []],
  ];
  for (const [name, needs, votes, missing] of cases) {
    it(`counts ${name}`, () => {
      assert.deepEqual(missingApprovals(needs, votes, "alice"), missing);
      assert.equal(isApproved(needs, votes, "alice"), missing.length === 0);
      const seated = seatedApprovers(needs, votes, "alice");
      assert.equal(seated.length, missing.length > 0 ? 0 : Math.min(peopleNeeded(needs), seated.length));
      assert.ok(seated.every((by) => by !== "alice" && votes.some((each) => each.by === by)));
    });
  }

  it("names those who made it approved, and no one too many", () => {
    const any = rule("any-of", from(2, "a"), from(1, "b"));
    assert.deepEqual(seatedApprovers(any, [vote("bob", "a"), vote("carol", "b")], "alice"), ["carol"]);
    const all = rule("all-of", from(1, "a"), from(1, "b"));
    const people = [vote("bob", "a", "b"), vote("carol", "a"), vote("dave", "a")];
    assert.deepEqual(seatedApprovers(all, people, "alice"), ["carol", "bob"]);
  });

  it("knows the fewest people who could approve", () => {
    assert.equal(peopleNeeded({ kind: "automatic" }), 0);
    assert.equal(peopleNeeded(rule("all-of", from(1, "a"), from(2, "b"))), 3);
    assert.equal(peopleNeeded(rule("any-of", from(3, "a"), from(2, "b"))), 2);
  });
});
