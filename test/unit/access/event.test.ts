import assert from "node:assert/strict";
import { ACCESS_EVENT_TYPES, parseAccessEvent, type AccessEvent } from "../../../src/access/index.js";
import {
  certificateIssued,
  FINGERPRINT,
  grant,
  grantId,
  grantIssued,
  HASH,
  sessionId,
  sessionStarted,
} from "./sample.js";

/** One of each type, with every optional field. */
const examples: readonly AccessEvent[] = [
  { type: "bastion.started", version: "0.1.0", policy: HASH },
  { type: "bastion.stopped" },
  { type: "policy.loaded", hash: HASH },
  { type: "proxy.lost", proxy: "proxy-1" },
  grantIssued({ ticket: "INC-42", sourceAddresses: ["10.0.0.0/8"] }),
  certificateIssued(),
  { type: "grant.revoked", grant: grantId(), by: "admin@local", reason: "lost laptop" },
  { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "lost key" },
  sessionStarted(),
  {
    type: "session.denied",
    stage: "authorise",
    reason: "no-grant",
    detail: "",
    clientAddress: "192.0.2.1",
    session: sessionId(),
    identity: "alice",
    target: "Prod DB; 1",
    login: "",
    fingerprint: FINGERPRINT,
  },
  { type: "session.failed", session: sessionId(), code: "target-refused", detail: "connection refused" },
  { type: "session.cut", session: sessionId(), reason: "grant-ended", by: "bastion@local" },
  { type: "recording.head", session: sessionId(), bytes: 10, blocks: 1, hash: HASH },
  { type: "session.ended", session: sessionId(), outcome: "cut", head: { bytes: 10, blocks: 1, hash: HASH } },
  { type: "recording.read", session: sessionId(), by: "bob", how: "replay" },
];

const OPTIONAL = new Set([
  "ticket",
  "sourceAddresses",
  "session",
  "identity",
  "target",
  "login",
  "fingerprint",
  "head",
]);

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
        if (event.type === "session.denied" ? OPTIONAL.has(name) : name === "head") continue;
        const rest = Object.fromEntries(Object.entries(event).filter(([other]) => other !== name));
        const code =
          event.type === "certificate.revoked" && name === "fingerprint" ? "bad-value" : "missing-field";
        assert.throws(() => parseAccessEvent(rest), { code });
      }
    });
  }

  const refused: readonly [name: string, event: unknown, code: string][] = [
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
  for (const [name, event, code] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseAccessEvent(event), { name: "AccessError", code }));
  }
});
