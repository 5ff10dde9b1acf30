import assert from "node:assert/strict";
import {
  reviewRole,
  usageOf,
  type AccessEvent,
  type Policy,
  type RoleReview,
} from "../../../src/access/index.js";
import {
  answered,
  certificateIssued,
  grantId,
  grantIssued,
  policy,
  requestMade,
  role,
  sessionId,
  sessionStarted,
  stateOf,
} from "./sample.js";

const wide = role({
  groups: ["engineers", "security"],
  targets: { by: "names", globs: ["prod-*"] },
  logins: ["postgres", "ubuntu", "www-data"],
  maxDurationMs: 3_600_000,
  breakGlass: true,
});
const policyOf = (): Policy => policy([wide, role({ name: "another" })]);

/** alice was postgres on prod-db-1, at 3 ms. */
const used: readonly AccessEvent[] = [
  grantIssued({ untilMs: 1000 + 90_000 }),
  certificateIssued("7", [grantId()]),
  sessionStarted(),
];

function review(events: readonly AccessEvent[], sinceMs = 0, about = wide): RoleReview {
  const usage = usageOf(stateOf(...events), [about], sinceMs).get(about.name);
  assert.ok(usage);
  return reviewRole(policyOf(), about, usage);
}

describe("access/review-role", () => {
  it("tells what was used from what was not, alike people and targets together", () => {
    const { given, used: count, unused, usage } = review(used);
    // alice, carol and dave may be postgres, ubuntu on prod-db-1, and postgres, www-data on prod-web-1
    assert.deepEqual([given, count], [12, 1]);
    assert.deepEqual(unused, [
      { identities: ["alice"], targets: ["prod-db-1"], logins: ["ubuntu"] },
      { identities: ["alice"], targets: ["prod-web-1"], logins: ["postgres", "www-data"] },
      { identities: ["carol", "dave"], targets: ["prod-db-1"], logins: ["postgres", "ubuntu"] },
      { identities: ["carol", "dave"], targets: ["prod-web-1"], logins: ["postgres", "www-data"] },
    ]);
    assert.deepEqual(usage.users, [{ identity: "alice", sessions: 1, lastAtMs: 3 }]);
  });

  it("proposes a role that still gives all that was used, for as long as the longest grant", () => {
    assert.deepEqual(review(used).proposal, {
      kind: "smaller",
      role: {
        ...wide,
        groups: ["engineers"],
        targets: { by: "names", globs: ["prod-db-1"] },
        logins: ["postgres"],
        maxDurationMs: 120_000,
      },
    });
  });

  it("keeps the selector when all that it covers was used, and then proposes nothing", () => {
    const tight = role({ groups: ["engineers"], maxDurationMs: 60_000 });
    assert.deepEqual(review(used, 0, tight).proposal, { kind: "tight" });
  });

  it("never proposes a self-extension past the role's own end", () => {
    const { proposal } = review(used, 0, { ...wide, selfExtensionMs: 900_000 });
    assert.equal(proposal.kind === "smaller" && proposal.role.selfExtensionMs, 120_000);
  });

  it("counts a session that reached into the window, and none that ended before it", () => {
    const ended: AccessEvent = { type: "session.ended", session: sessionId(), outcome: "closed" };
    assert.equal(review([...used, ended], 4).used, 1);
    const { used: count, proposal } = review([...used, ended], 5);
    assert.deepEqual([count, proposal], [0, { kind: "unused" }]);
  });

  it("does not count what was done under another role", () => {
    const other = [grantIssued({ role: "another" }), ...used.slice(1)];
    assert.deepEqual(review(other).proposal, { kind: "unused" });
  });

  it("names break-glass and who reviewed it, though nobody logged in", () => {
    const broken = [
      requestMade({ breakGlass: true }),
      { ...answered({ how: "break-glass", approvers: [] }), by: "alice" },
    ];
    const reviewed: AccessEvent = { type: "grant.reviewed", grant: grantId(), by: "carol", comment: "fine" };
    const use = { grant: grantId(), identity: "alice", atMs: 2 };
    assert.deepEqual(review(broken).usage.breakGlass, [use]);
    assert.deepEqual(review([...broken, reviewed]).usage.breakGlass, [{ ...use, reviewedBy: "carol" }]);
  });
});
