import assert from "node:assert/strict";
import { ACCESS_EVENT_TYPES, type AccessEvent } from "../../../src/access/index.js";
import { newsOf } from "../../../src/webhooks/news-of.js";
import { isHeard, NEWS_TYPES, type NewsType } from "../../../src/webhooks/news.js";
import {
  certificateIssued,
  FINGERPRINT,
  fromAny,
  grantId,
  grantIssued,
  role,
  HASH,
  holdId,
  overrideId,
  redactionId,
  sessionId,
  sessionStarted,
  stateOf,
} from "../access/sample.js";
import { ended, redacted, redactionApproved, redactionAsked, redactors } from "../access/redaction-sample.js";
import { request, requestId, requestMade, smallPolicy } from "./sample.js";

const approvedBy = (by: string, changes = {}): AccessEvent => ({
  ...{ type: "request.approved", request: requestId(), by, groups: ["approvers"], presence: false },
  ...changes,
});
const brokenGlass = grantIssued({ how: "break-glass", approvers: [] }) as AccessEvent & {
  type: "grant.issued";
};
const emergency = [
  requestMade({ breakGlass: true }),
  { ...brokenGlass, by: "alice", request: requestId() },
] as const;
const session = [grantIssued(), certificateIssued(), sessionStarted()];

/** What the last of these events is to people. */
function newsOfLast(...events: readonly AccessEvent[]) {
  return newsOf(events.at(-1)!, stateOf(...events), smallPolicy());
}

const held: AccessEvent = { type: "hold.set", hold: holdId(), target: "prod", by: "carol", reason: "case 7" };
const asked: AccessEvent = {
  ...{ type: "disk.override.asked", override: overrideId(), by: "root", reason: "outage", forMs: 5 },
};
const given: AccessEvent = { type: "disk.override.given", override: overrideId(), by: "ruth", untilMs: 7 };

const AUDITOR = `bascule-auditor:${"A".repeat(43)}`;
const redacting = (...later: readonly AccessEvent[]) => [...ended, redactionAsked(), ...later];
const wanted = { session: sessionId(), blocks: [4, 6], reason: "a password", askedBy: "dave" };
const rewrapped = { type: "recording.rewrapped", session: sessionId(), by: "bob" } as const;
const unsealed = { type: "recording.unsealed", session: sessionId(), by: "dave", for: "erin" } as const;

describe("webhooks/news-of", () => {
  const rows: readonly (readonly [string, readonly AccessEvent[], NewsType, object])[] = [
    ["a-request", [requestMade()], "request.made", { request: request(), approvers: ["bob"] }],
    ["an-automatic-one", [requestMade({ needs: { kind: "automatic" } })], "request.made", { approvers: [] }],
    [
      "an-approval-that-is-not-enough",
      [
        requestMade({ needs: fromAny(2, "approvers") }),
        approvedBy("bob", { comment: "go", durationMs: 60_000 }),
      ],
      "request.approved",
      {
        ...{ by: "bob", comment: "go", durationMs: 60_000, signed: false },
        missing: [{ count: 1, from: ["approvers"] }],
      },
    ],
    ["the-last-approval", [requestMade(), approvedBy("bob")], "request.approved", { missing: [] }],
    [
      "a-denial",
      [requestMade(), { type: "request.denied", request: requestId(), by: "bob", reason: "not now" }],
      "request.denied",
      { request: request(), by: "bob", reason: "not now" },
    ],
    [
      "a-withdrawal",
      [requestMade(), { type: "request.cancelled", request: requestId(), by: "alice" }],
      "request.cancelled",
      { request: request(), by: "alice" },
    ],
    [
      "a-lapse",
      [requestMade(), { type: "request.lapsed", request: requestId() }],
      "request.lapsed",
      { request: request() },
    ],
    ["an-admins-own-grant", [grantIssued()], "grant.issued", { by: "bob" }],
    ["break-glass", emergency, "grant.break-glass", { by: "alice", reviewers: ["bob"] }],
    [
      "a-review",
      [...emergency, { type: "grant.reviewed", grant: grantId(), by: "bob", comment: "fine" }],
      "grant.reviewed",
      { by: "bob", comment: "fine" },
    ],
    [
      "an-extension",
      [
        grantIssued(),
        { type: "grant.extended", grant: grantId(), untilMs: 9000, by: "alice", reason: "more" },
      ],
      "grant.extended",
      { by: "alice", reason: "more" },
    ],
    [
      "a-revocation",
      [grantIssued(), { type: "grant.revoked", grant: grantId(), by: "bob", reason: "left" }],
      "grant.revoked",
      { by: "bob", reason: "left" },
    ],
    [
      "a-revoked-serial",
      [...session, { type: "certificate.revoked", serial: "7", by: "bob", reason: "lost" }],
      "certificate.revoked",
      { serial: "7", identity: "alice", by: "bob", reason: "lost" },
    ],
    [
      "a-revoked-key",
      [{ type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "lost" }],
      "certificate.revoked",
      { fingerprint: FINGERPRINT, by: "bob", reason: "lost" },
    ],
    [
      "a-cut",
      [...session, { type: "session.cut", session: sessionId(), reason: "killed", by: "bob" }],
      "session.cut",
      { reason: "killed", by: "bob" },
    ],
    [
      "a-failed-recorder",
      [
        ...session,
        { type: "session.failed", session: sessionId(), code: "recording-failed", detail: "ENOSPC" },
      ],
      "recording.failed",
      { code: "recording-failed", detail: "ENOSPC" },
    ],
    [
      "a-lock",
      [{ type: "lock.set", kind: "identity", name: "alice", by: "bob", reason: "lost laptop" }],
      "lock.set",
      { subject: { kind: "identity", name: "alice" }, by: "bob", reason: "lost laptop" },
    ],
    [
      "a-lifted-lock",
      [{ type: "lock.lifted", kind: "target", name: "prod", by: "bob", reason: "done" }],
      "lock.lifted",
      { subject: { kind: "target", name: "prod" }, by: "bob", reason: "done" },
    ],
    ["a-hold", [held], "hold.set", { target: "prod", by: "carol", reason: "case 7" }],
    [
      "a-released-hold",
      [held, { type: "hold.lifted", hold: holdId(), by: "carol", reason: "closed" }],
      "hold.lifted",
      { hold: holdId(), by: "carol", reason: "closed" },
    ],
    [
      "a-disk-that-is-full",
      [{ type: "disk.state", state: "full", where: "home", freeBytes: 7 }],
      "disk.state",
      { state: "full", where: "home", freeBytes: 7 },
    ],
    ["a-wish-for-a-full-disk", [asked], "disk.override.asked", { by: "root", forMs: 5 }],
    ["that-wish-given", [asked, given], "disk.override.given", { by: "ruth", untilMs: 7 }],
    [
      "its-end",
      [asked, given, { type: "disk.override.ended", override: overrideId(), by: "bastion@local" }],
      "disk.override.ended",
      { by: "bastion@local" },
    ],
    ["a-wish-to-redact", redacting(), "redaction.asked", wanted],
    ["that-wish-approved", redacting(redactionApproved()), "redaction.approved", { ...wanted, by: "erin" }],
    [
      "that-wish-denied",
      redacting({ type: "redaction.denied", redaction: redactionId(), by: "erin", reason: "no" }),
      "redaction.denied",
      { ...wanted, by: "erin", denial: "no" },
    ],
    [
      "that-wish-forgotten",
      redacting({ type: "redaction.lapsed", redaction: redactionId() }),
      "redaction.lapsed",
      wanted,
    ],
    [
      "what-is-redacted",
      redacting(redactionApproved(), redacted()),
      "recording.redacted",
      { ...wanted, approvedBy: "erin" },
    ],
    [
      "a-re-wrap",
      [...ended, { ...rewrapped, recipients: [AUDITOR], substitute: HASH }],
      "recording.rewrapped",
      { by: "bob", recipients: [AUDITOR] },
    ],
    [
      "an-unsealing",
      [...ended, { ...unsealed, recipient: AUDITOR, reason: "INC-42" }],
      "recording.unsealed",
      { by: "dave", for: "erin", recipient: AUDITOR, reason: "INC-42" },
    ],
    [
      "a-witness-that-saw-another-history",
      [{ type: "witness.refused", witness: "elsewhere", code: "fork", size: 7 }],
      "witness.refused",
      { witness: "elsewhere", code: "fork", size: 7 },
    ],
  ];
  for (const [row, events, type, members] of rows) {
    it(`tells of ${row}`, () => {
      const news = newsOfLast(...events);
      assert.ok(news, "it is news");
      assert.equal(news.type, type);
      assert.deepEqual({ ...news, ...members }, news);
    });
  }

  it("has a row for every type of news", () => {
    assert.deepEqual([...new Set(rows.map(([, , type]) => type))].sort(), [...NEWS_TYPES].sort());
  });

  it("names the new end of an extended grant, not the old one", () => {
    const extended: AccessEvent = {
      ...{ type: "grant.extended", grant: grantId(), untilMs: 9000, by: "alice", reason: "more" },
    };
    const news = newsOfLast(grantIssued(), extended);
    assert.ok(news?.type === "grant.extended");
    assert.equal(news.grant.untilMs, 9000);
  });

  it("says nothing of bookkeeping, nor of a session that failed for want of its target", () => {
    assert.equal(newsOfLast(grantIssued(), certificateIssued()), undefined);
    assert.equal(newsOfLast(...session), undefined);
    const failed: AccessEvent = {
      ...{ type: "session.failed", session: sessionId(), code: "target-unreachable", detail: "ECONNREFUSED" },
    };
    assert.equal(newsOfLast(...session, failed), undefined);
  });

  it("names as reviewers of break-glass whoever can close the review, never the holder", () => {
    const roles = new Map([["db-oncall", role({ approvals: fromAny(1, "engineers") })]]);
    const event = emergency[1];
    const news = newsOf(event, stateOf(...emergency), { ...smallPolicy(), roles, admins: ["approvers"] });
    assert.ok(news?.type === "grant.break-glass");
    assert.deepEqual(news.reviewers, ["bob"]);
  });

  it("names as approvers of a redaction the other redactors", () => {
    const events = redacting();
    const news = newsOf(events.at(-1)!, stateOf(...events), redactors());
    assert.ok(news?.type === "redaction.asked");
    assert.deepEqual(news.approvers, ["erin"]);
  });

  it("keeps ledger's names where it tells of the ledger's own event", () => {
    const own: readonly NewsType[] = ["grant.break-glass", "recording.failed"];
    const others = NEWS_TYPES.filter((type) => !own.includes(type));
    assert.deepEqual(
      others.filter((type) => !(ACCESS_EVENT_TYPES as readonly string[]).includes(type)),
      [],
    );
  });
});

describe("webhooks/news", () => {
  for (const [row, type, globs, heard] of [
    ["everything", "lock.set", ["*"], true],
    ["one-of-several-globs", "session.cut", ["request.*", "session.*"], true],
    ["an-exact-name", "grant.issued", ["grant.issued"], true],
    ["another-name", "grant.revoked", ["grant.issued"], false],
    ["break-glass-for-who-hears-of-grants", "grant.break-glass", ["grant.issued"], true],
    ["no-grants-for-who-hears-of-break-glass", "grant.issued", ["grant.break-glass"], false],
    ["no-glob", "grant.issued", [], false],
  ] as const) {
    it(`filters ${row}`, () => assert.equal(isHeard(type, globs), heard));
  }
});
