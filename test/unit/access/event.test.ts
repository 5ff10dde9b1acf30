import assert from "node:assert/strict";
import { ACCESS_EVENT_TYPES, parseAccessEvent, type AccessEvent } from "../../../src/access/index.js";
import {
  certificateIssued,
  evidenceFor,
  FINGERPRINT,
  grant,
  grantId,
  grantIssued,
  HASH,
  holdId,
  locked,
  overrideId,
  redactionId,
  request,
  requestApproved,
  requestId,
  requestMade,
  sessionId,
  sessionStarted,
} from "./sample.js";

const AUDITOR = `bascule-auditor:${"A".repeat(43)}`;

/** One of each type, with every optional field. */
const examples: readonly AccessEvent[] = [
  { type: "bastion.started", version: "0.1.0", policy: HASH },
  { type: "bastion.stopped" },
  { type: "policy.loaded", hash: HASH },
  { type: "proxy.lost", proxy: "proxy-1" },
  { type: "ledger.healed", from: 3, to: 7 },
  { type: "witness.cosigned", witness: "elsewhere", size: 7, cosignature: "— w1.example AAAAAAAAAAA=" },
  { type: "witness.refused", witness: "elsewhere", code: "fork", size: 7 },
  grantIssued({ ticket: "INC-42", sourceAddresses: ["10.0.0.0/8"] }),
  certificateIssued(),
  { type: "grant.revoked", grant: grantId(), by: "admin@local", reason: "lost laptop" },
  { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "lost key" },
  sessionStarted({ retention: { atHandMs: 1, keepMs: 2 }, index: "sealed" }),
  {
    type: "session.denied",
    stage: "authorise",
    reason: "no-grant",
    words: HASH,
    clientAddress: "192.0.2.1",
    session: sessionId(),
    identity: "alice",
    fingerprint: FINGERPRINT,
  },
  { type: "denial.forgotten", entry: 17, by: "bob", reason: "a password" },
  { type: "session.failed", session: sessionId(), code: "target-refused", detail: "connection refused" },
  { type: "session.cut", session: sessionId(), reason: "grant-ended", by: "bastion@local" },
  { type: "recording.head", session: sessionId(), bytes: 10, blocks: 1, hash: HASH },
  {
    type: "session.ended",
    session: sessionId(),
    outcome: "interrupted",
    head: { bytes: 10, blocks: 1, hash: HASH, torn: { bytes: 7, hash: HASH } },
  },
  { type: "recording.read", session: sessionId(), by: "bob", how: "replay" },
  requestMade({ ticket: "INC-42", fromMs: 7, extends: grantId(), reason: "" }),
  requestApproved({
    ...{ fingerprint: FINGERPRINT, durationMs: 5, comment: "fine", evidence: evidenceFor(request()) },
    presence: true,
  }),
  { type: "request.denied", request: requestId(), by: "admin@local", reason: "no" },
  { type: "request.cancelled", request: requestId(), by: "bastion@local", reason: "no such role any more" },
  { type: "request.lapsed", request: requestId() },
  {
    type: "grant.extended",
    ...{ grant: grantId(), untilMs: 9, by: "alice", reason: "not done", request: requestId() },
  },
  { type: "grant.ended", grant: grantId() },
  { type: "grant.reviewed", grant: grantId(), by: "bob", comment: "seen" },
  locked("serial", "18446744073709551615"),
  { type: "lock.lifted", kind: "target", name: "prod-db-1", by: "root", reason: "found" },
  {
    type: "token.issued",
    ...{ token: "t-1", identity: "alice", purpose: "http", commands: ["requests"] },
    ...{ fingerprint: FINGERPRINT, untilMs: 9 },
  },
  { type: "hold.set", hold: holdId(), session: sessionId(), by: "carol", reason: "case 7" },
  { type: "hold.lifted", hold: holdId(), by: "carol", reason: "case closed" },
  { type: "recording.archived", session: sessionId(), path: "2026-11-21/a.bsr" },
  { type: "recording.deleted", session: sessionId(), hash: HASH },
  { type: "disk.state", state: "low", where: "recordings", freeBytes: 7 },
  { type: "disk.override.asked", override: overrideId(), by: "root", reason: "outage", forMs: 5 },
  { type: "disk.override.given", override: overrideId(), by: "ruth", untilMs: 9 },
  { type: "disk.override.ended", override: overrideId(), by: "bastion@local" },
  {
    type: "recording.rewrapped",
    ...{
      session: sessionId(),
      by: "bob",
      recipients: [AUDITOR],
      apartRecipients: [AUDITOR],
      substitute: HASH,
    },
  },
  {
    type: "redaction.asked",
    ...{ redaction: redactionId(), session: sessionId(), blocks: [2, 5], reason: "a password", by: "bob" },
    lapsesAtMs: 9,
  },
  { type: "redaction.approved", redaction: redactionId(), by: "carol" },
  { type: "redaction.denied", redaction: redactionId(), by: "carol", reason: "too much" },
  { type: "redaction.lapsed", redaction: redactionId() },
  {
    type: "recording.redacted",
    ...{ redaction: redactionId(), session: sessionId(), from: 2, to: 5, approval: 7, substitutes: HASH },
  },
  {
    type: "recording.unsealed",
    session: sessionId(),
    by: "bob",
    for: "carol",
    recipient: AUDITOR,
    reason: "INC-42",
  },
  { type: "workload.identified", identity: "ci", issuer: "https://ci.example", subject: "repo:org/app" },
];

/** Fields that an event of a type may lack. */
const OPTIONAL: Readonly<Partial<Record<AccessEvent["type"], readonly string[]>>> = {
  "session.denied": ["session", "identity", "fingerprint"],
  "session.started": ["retention", "index"],
  "session.ended": ["head"],
  "recording.rewrapped": ["apartRecipients"],
  "grant.issued": ["request"],
  "grant.extended": ["request"],
  "request.approved": ["fingerprint", "durationMs", "comment", "evidence"],
  "request.cancelled": ["reason"],
  "token.issued": ["commands", "fingerprint"],
};

/** The one of several that this example has: it must have one. */
const ONLY: Readonly<Partial<Record<AccessEvent["type"], string>>> = {
  "certificate.revoked": "fingerprint",
  "hold.set": "session",
};

describe("access/event", () => {
  it("has an example of every type here", () => {
    assert.deepEqual(examples.map(({ type }) => type).sort(), [...ACCESS_EVENT_TYPES].sort());
  });

  for (const event of examples) {
    it(`reads ${event.type} back as it was`, () => {
      assert.deepEqual(parseAccessEvent(JSON.parse(JSON.stringify(event))), event);
    });

    it(`refuses ${event.type} with one field more`, () => {
      assert.throws(() => parseAccessEvent({ ...event, more: 1 }), {
        code: "unknown-field",
        path: 'event."more"',
      });
    });

    it(`refuses ${event.type} with one field less or of another type`, () => {
      for (const name of Object.keys(event)) {
        if (name === "type") continue;
        assert.throws(() => parseAccessEvent({ ...event, [name]: null }), {
          code: "wrong-type",
          path: `event.${name}`,
        });
        if (OPTIONAL[event.type]?.includes(name)) continue;
        const rest = Object.fromEntries(Object.entries(event).filter(([other]) => other !== name));
        const isOnly = ONLY[event.type] === name;
        const code = isOnly ? "bad-value" : "missing-field";
        assert.throws(() => parseAccessEvent(rest), { code });
      }
    });
  }

  const refused: [name: string, event: unknown, code: string][] = [
    ["an-unknown-type", { type: "grant.invented" }, "unknown-event"],
    ["a-type-from-the-prototype", { type: "toString" }, "unknown-event"],
    ["no-type", {}, "unknown-event"],
    ["a-list", [{ type: "bastion.stopped" }], "wrong-type"],
    ["null", null, "wrong-type"],
    ["a-grant-that-never-lives", grantIssued({ untilMs: 1000 }), "bad-value"],
    ["a-grant-without-targets", grantIssued({ targets: [] }), "bad-value"],
    ["a-grant-without-logins", grantIssued({ logins: [] }), "bad-value"],
    ["a-grant-with-17-targets", grantIssued({ targets: Array.from({ length: 17 }, () => "a") }), "too-long"],
    ["a-time-with-a-fraction", grantIssued({ fromMs: 0.5 }), "bad-value"],
    ["a-negative-time", grantIssued({ fromMs: -1 }), "bad-value"],
    ["negative-zero", grantIssued({ fromMs: -0 }), "bad-value"],
    ["a-time-past-2^53", grantIssued({ untilMs: 2 ** 53 }), "bad-value"],
    [
      "an-unknown-channel",
      { type: "grant.issued", by: "bob", grant: { ...grant(), channels: ["scp"] } },
      "bad-value",
    ],
    ["a-bad-network", grantIssued({ sourceAddresses: ["10.0.0.0/33"] }), "bad-value"],
    ["a-bad-actor", { type: "grant.revoked", grant: grantId(), by: "root@local", reason: "x" }, "bad-name"],
    ["an-empty-reason", { type: "grant.revoked", grant: grantId(), by: "bob", reason: " " }, "bad-text"],
    [
      "an-id-of-another-kind",
      { type: "grant.revoked", grant: sessionId(), by: "bob", reason: "x" },
      "bad-id",
    ],
    ["a-serial-past-uint64", certificateIssued("18446744073709551616"), "bad-value"],
    ["a-serial-with-a-zero-before", certificateIssued("07"), "bad-value"],
    [
      "serial-and-fingerprint",
      { type: "certificate.revoked", serial: "7", fingerprint: FINGERPRINT, by: "bob", reason: "x" },
      "bad-value",
    ],
    ["a-recording-outside", sessionStarted({ recording: "../../etc/passwd" }), "bad-value"],
    ["an-absolute-recording", sessionStarted({ recording: "/etc/passwd" }), "bad-value"],
    ["a-recording-with-an-empty-part", sessionStarted({ recording: "2026-01-02//ses-0.bsr" }), "bad-value"],
    ["a-recording-by-another-name", sessionStarted({ recording: "2026-01-02/./ses-0.bsr" }), "bad-value"],
    ["a-hash-in-upper-case", { type: "policy.loaded", hash: "A".repeat(64) }, "bad-value"],
    [
      "a-code-that-is-a-sentence",
      { type: "session.failed", session: sessionId(), code: "No route", detail: "" },
      "bad-value",
    ],
    [
      "an-escape-in-a-detail",
      { type: "session.failed", session: sessionId(), code: "x", detail: "\x1b[2J" },
      "bad-text",
    ],
  ];
  const within = (changes: object): unknown => ({ ...requestMade(), request: { ...request(), ...changes } });
  const needing = (changes: object): unknown => within({ needs: { ...request().needs, ...changes } });
  const approvedWith = (changes: object): unknown => ({ ...requestApproved(), ...changes });
  const proven = (changes: object): unknown =>
    approvedWith({ evidence: { ...evidenceFor(request()), ...changes } });
  const one = { count: 1, from: ["a"] };
  const hold = { type: "hold.set", hold: holdId(), session: sessionId(), by: "carol", reason: "case 7" };
  const disk = { type: "disk.state", state: "low", where: "home", freeBytes: 1 };
  const asked = { type: "disk.override.asked", override: overrideId(), by: "root", reason: "x", forMs: 1 };
  const askedFor = (blocks: readonly number[]) => ({
    type: "redaction.asked",
    ...{
      redaction: redactionId(),
      session: sessionId(),
      blocks,
      reason: "a password",
      by: "bob",
      lapsesAtMs: 9,
    },
  });
  const rewrapped = { type: "recording.rewrapped", session: sessionId(), by: "bob", substitute: HASH };
  const token = { type: "token.issued", token: "t", identity: "alice", purpose: "http", untilMs: 1 };
  refused.push(
    ["a-request-for-no-target", within({ targets: [] }), "bad-value"],
    ["a-request-for-no-login", within({ logins: [] }), "bad-value"],
    ["a-request-for-no-time", within({ durationMs: 0 }), "bad-value"],
    ["a-request-for-17-targets", within({ targets: Array.from({ length: 17 }, () => "a") }), "too-long"],
    ["a-request-with-one-field-more", within({ urgent: true }), "unknown-field"],
    ["a-request-without-its-role", within({ role: undefined }), "wrong-type"],
    ["a-request-with-an-id-of-another-kind", within({ id: grantId() }), "bad-id"],
    ["a-request-to-extend-a-request", within({ extends: requestId() }), "bad-id"],
    ["a-request-with-an-escape", within({ reason: "\x1b[2J" }), "bad-text"],
    ["a-request-with-an-empty-ticket", within({ ticket: "" }), "bad-text"],
    ["a-request-that-is-text-for-break-glass", within({ breakGlass: "no" }), "wrong-type"],
    ["approvals-of-an-unknown-kind", within({ needs: { kind: "none" } }), "bad-value"],
    ["approvals-of-a-kind-from-the-prototype", within({ needs: { kind: "toString" } }), "bad-value"],
    ["approvals-that-are-null", within({ needs: null }), "wrong-type"],
    ["automatic-with-quorums", within({ needs: { kind: "automatic", quorums: [one] } }), "unknown-field"],
    ["no-quorum", needing({ quorums: [] }), "bad-value"],
    ["nine-quorums", needing({ quorums: Array.from({ length: 9 }, () => one) }), "too-long"],
    ["a-quorum-of-nobody", needing({ quorums: [{ ...one, count: 0 }] }), "bad-value"],
    ["a-quorum-of-17", needing({ quorums: [{ ...one, count: 17 }] }), "bad-value"],
    ["a-quorum-of-half", needing({ quorums: [{ ...one, count: 0.5 }] }), "bad-value"],
    ["a-quorum-with-one-field-more", needing({ quorums: [{ ...one, of: 3 }] }), "unknown-field"],
    ["a-quorum-from-a-bad-name", needing({ quorums: [{ count: 1, from: ["A"] }] }), "bad-name"],
    ["signed-that-is-no-boolean", needing({ signed: 1 }), "wrong-type"],
    ["an-approval-by-the-admin-at-the-machine", approvedWith({ by: "admin@local" }), "bad-name"],
    ["an-approval-by-the-bastion", approvedWith({ by: "bastion@local" }), "bad-name"],
    [
      "an-approval-with-17-groups",
      approvedWith({ groups: Array.from({ length: 17 }, () => "a") }),
      "too-long",
    ],
    ["evidence-with-one-field-more", proven({ verified: true }), "unknown-field"],
    ["evidence-in-base64url", proven({ key: "a-_b" }), "bad-value"],
    ["evidence-without-padding", proven({ key: "YQ" }), "bad-value"],
    ["evidence-of-more-than-2048", proven({ signature: "YWFh".repeat(513) }), "bad-value"],
    ["evidence-with-an-escape", proven({ user: "approve.\x1b[2J" }), "bad-text"],
    ["a-stretch-that-runs-backwards", askedFor([5, 2]), "bad-value"],
    ["a-stretch-of-one-number", askedFor([5]), "bad-value"],
    ["a-stretch-of-three", askedFor([2, 3, 4]), "too-long"],
    ["a-redaction-without-a-reason", { ...askedFor([2, 5]), reason: " " }, "bad-text"],
    ["a-redaction-by-the-admin-at-the-machine", { ...askedFor([2, 5]), by: "admin@local" }, "bad-name"],
    ["a-recipient-that-is-none", { ...rewrapped, recipients: ["bob"] }, "bad-value"],
    [
      "more-recipients-than-fit",
      { ...rewrapped, recipients: Array.from({ length: 25 }, () => AUDITOR) },
      "too-long",
    ],
    ["a-lock-of-an-unknown-kind", { ...locked("target", "a"), kind: "group" }, "bad-value"],
    ["a-lock-on-a-bad-name", locked("identity", "Alice"), "bad-name"],
    ["a-lock-on-the-bastion", locked("identity", "bastion@local"), "bad-name"],
    ["a-lock-on-no-serial", locked("serial", "alice"), "bad-value"],
    ["an-unlock-of-a-bad-name", { ...locked("target", "-x"), type: "lock.lifted" }, "bad-name"],
    ["a-lock-without-a-reason", { ...locked("target", "a"), reason: "" }, "bad-text"],
    ["a-token-without-an-id", { ...token, token: "" }, "bad-text"],
    ["a-token-with-33-commands", { ...token, commands: Array.from({ length: 33 }, () => "x") }, "too-long"],
    [
      "a-review-without-a-comment",
      { type: "grant.reviewed", grant: grantId(), by: "bob", comment: " " },
      "bad-text",
    ],
    [
      "an-extension-without-a-reason",
      { type: "grant.extended", grant: grantId(), untilMs: 1, by: "bob", reason: "" },
      "bad-text",
    ],
    ["a-hold-on-nothing", { type: "hold.set", hold: holdId(), by: "carol", reason: "x" }, "bad-value"],
    ["a-hold-on-two", { ...hold, identity: "alice" }, "bad-value"],
    [
      "a-hold-on-a-bad-name",
      { type: "hold.set", hold: holdId(), target: "-x", by: "carol", reason: "x" },
      "bad-name",
    ],
    ["a-hold-without-a-reason", { ...hold, reason: " " }, "bad-text"],
    ["an-archive-outside", { type: "recording.archived", session: sessionId(), path: "../x" }, "bad-value"],
    ["a-deletion-of-no-hash", { type: "recording.deleted", session: sessionId(), hash: "x" }, "bad-value"],
    ["a-retention-that-says-nothing", sessionStarted({ retention: {} }), "bad-value"],
    ["a-retention-with-a-fraction", sessionStarted({ retention: { keepMs: 0.5 } }), "bad-value"],
    [
      "a-retention-with-one-field-more",
      { ...sessionStarted(), retention: { keepMs: 1, x: 1 } },
      "unknown-field",
    ],
    ["an-index-that-is-none", { ...sessionStarted(), index: "on" }, "bad-value"],
    ["a-disk-that-is-half-full", { ...disk, state: "half" }, "bad-value"],
    ["a-disk-somewhere-else", { ...disk, where: "archive" }, "bad-value"],
    ["an-override-for-no-time", { ...asked, forMs: 0 }, "bad-value"],
    ["an-override-for-more-than-a-day", { ...asked, forMs: 86_400_001 }, "bad-value"],
    ["an-override-by-the-admin-at-the-machine", { ...asked, by: "admin@local" }, "bad-name"],
    ["an-origin-that-is-none", grantIssued({ how: "magic" as never }), "bad-value"],
  );
  for (const [name, event, code] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseAccessEvent(event), { name: "AccessError", code }));
  }
});
