import assert from "node:assert/strict";
import {
  mayOpenSession,
  type AccessEvent,
  type Policy,
  type SessionAsk,
  type SessionDenial,
} from "../../../src/access/index.js";
import {
  certificateIssued,
  FINGERPRINT,
  grant,
  grantId,
  grantIssued,
  locked,
  policy,
  role,
  stateOf,
} from "./sample.js";

const where = { target: "prod-db-1", login: "postgres", clientAddress: "192.0.2.1" };
const byCertificate: SessionAsk = { ...where, serial: "7" };
const byKey: SessionAsk = { ...where, identity: "alice", fingerprint: FINGERPRINT };
const issued = [grantIssued(), certificateIssued()];

interface Case {
  readonly events?: readonly AccessEvent[];
  readonly policy?: Policy;
  readonly ask?: SessionAsk;
  readonly nowMs?: number;
}

const decide = ({ events = issued, policy: given = policy(), ask = byCertificate, nowMs = 1500 }: Case) =>
  mayOpenSession(stateOf(...events), given, ask, nowMs);

const without = (kind: "identities" | "targets", name: string): Policy => {
  const whole = policy();
  const rest = new Map<string, never>([...whole[kind]].filter(([key]) => key !== name) as [string, never][]);
  return { ...whole, [kind]: rest };
};
const revokeGrant: AccessEvent = { type: "grant.revoked", grant: grantId(), by: "bob", reason: "enough" };

describe("access/may-open-session", () => {
  it("opens what the grant and its role both allow, until the grant ends", () => {
    assert.deepEqual(decide({}), {
      ok: true,
      identity: "alice",
      grant: grant(),
      channels: ["shell", "exec"],
      untilMs: 2000,
    });
    assert.equal(decide({ ask: byKey }).ok, true);
  });

  it("is open from the first to the last millisecond of a grant", () => {
    for (const [nowMs, ok] of [
      [999, false],
      [1000, true],
      [1999, true],
      [2000, false],
    ] as const) {
      assert.equal(decide({ nowMs }).ok, ok, String(nowMs));
      assert.equal(decide({ nowMs, ask: byKey }).ok, ok, String(nowMs));
    }
  });

  it("takes the grant that lasts longest of those that the certificate names", () => {
    const longer = grantIssued({ id: grantId(2), untilMs: 3000 });
    const longest = grantIssued({ id: grantId(3), untilMs: 4000 });
    const events = [grantIssued(), longer, longest, certificateIssued("7", [grantId(1), grantId(2)])];
    const verdict = decide({ events });
    assert.equal(verdict.ok && verdict.grant.id, grantId(2));
    const byRegisteredKey = decide({ events, ask: byKey });
    assert.equal(byRegisteredKey.ok && byRegisteredKey.grant.id, grantId(3));
  });

  it("is not kept by one dead grant from another that lives", () => {
    const events = [
      grantIssued(),
      grantIssued({ id: grantId(2) }),
      certificateIssued("7", [grantId(2), grantId(1)]),
      revokeGrant,
    ];
    const verdict = decide({ events });
    assert.equal(verdict.ok && verdict.grant.id, grantId(2));
  });

  const denials: readonly [reason: SessionDenial, name: string, given: Case][] = [
    ["locked", "a locked identity by certificate", { events: [...issued, locked("identity", "alice")] }],
    ["locked", "a locked identity by key", { ask: byKey, events: [...issued, locked("identity", "alice")] }],
    ["locked", "a locked target", { events: [...issued, locked("target", "prod-db-1")] }],
    ["locked", "a locked certificate", { events: [...issued, locked("serial", "7")] }],
    [
      "locked",
      "a lock before anything else that is wrong",
      { events: [...issued, revokeGrant, locked("target", "prod-db-1")], policy: policy([]), nowMs: 2000 },
    ],
    ["locked", "a locked serial that was never issued", { events: [locked("serial", "7")] }],
    ["unknown-certificate", "a serial that was never issued", { ask: { ...where, serial: "8" } }],
    [
      "certificate-revoked",
      "a revoked serial",
      { events: [...issued, { type: "certificate.revoked", serial: "7", by: "bob", reason: "x" }] },
    ],
    [
      "key-revoked",
      "a certificate on a revoked key",
      {
        events: [
          ...issued,
          { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "x" },
        ],
      },
    ],
    [
      "key-revoked",
      "a revoked key by itself",
      {
        ask: byKey,
        events: [
          ...issued,
          { type: "certificate.revoked", fingerprint: FINGERPRINT, by: "bob", reason: "x" },
        ],
      },
    ],
    ["certificate-not-yet-valid", "a certificate before its time", { nowMs: 899 }],
    ["certificate-expired", "a certificate after its time", { nowMs: 2000 }],
    ["unknown-identity", "somebody who left", { policy: without("identities", "alice") }],
    ["unknown-target", "a host that is gone", { policy: without("targets", "prod-db-1") }],
    ["unknown-target", "a name from the prototype", { ask: { ...byCertificate, target: "constructor" } }],
    ["unknown-login", "a login that the host has not", { ask: { ...byCertificate, login: "root" } }],
    ["no-grant", "a login that was not granted", { ask: { ...byCertificate, login: "ubuntu" } }],
    ["no-grant", "a host that was not granted", { ask: { ...byCertificate, target: "prod-web-1" } }],
    [
      "no-grant",
      "a grant that the certificate does not name",
      {
        events: [...issued, grantIssued({ id: grantId(2), logins: ["ubuntu"] })],
        ask: { ...byCertificate, login: "ubuntu" },
      },
    ],
    ["role-withdrawn", "a grant whose role is gone", { policy: policy([]) }],
    ["role-narrowed", "a role that lost the group", { policy: policy([role({ groups: ["approvers"] })]) }],
    [
      "role-narrowed",
      "a role that lost the host",
      { policy: policy([role({ targets: { by: "names", globs: ["prod-web-*"] } })]) },
    ],
    ["role-narrowed", "a role that lost the login", { policy: policy([role({ logins: ["ubuntu"] })]) }],
    ["grant-revoked", "a revoked grant", { events: [...issued, revokeGrant] }],
    ["grant-ended", "an ended grant by key", { ask: byKey, nowMs: 2000 }],
    ["grant-not-yet-live", "a grant that is to come", { nowMs: 950 }],
    [
      "source-address",
      "a client from elsewhere, by grant",
      { events: [grantIssued({ sourceAddresses: ["10.0.0.0/8"] }), certificateIssued()] },
    ],
    [
      "source-address",
      "a client from elsewhere, by role",
      { policy: policy([role({ sourceAddresses: ["10.0.0.0/8"] })]) },
    ],
  ];
  for (const [reason, name, given] of denials) {
    it(`denies ${name}: ${reason}`, () => {
      const verdict = decide(given);
      assert.equal(verdict.ok ? "ok" : verdict.reason, reason);
    });
  }

  it("is kept by no lock on something else, nor by one that was lifted", () => {
    const others = [locked("identity", "bob"), locked("target", "prod-web-1"), locked("serial", "8")];
    const lifted = { ...locked("identity", "alice"), type: "lock.lifted" } as const;
    assert.equal(decide({ events: [...issued, ...others] }).ok, true);
    assert.equal(decide({ events: [...issued, locked("identity", "alice"), lifted] }).ok, true);
  });

  it("says what is locked, why and since when", () => {
    const verdict = decide({ events: [...issued, locked("target", "prod-db-1")] });
    assert.ok(!verdict.ok);
    assert.deepEqual(
      [verdict.detail, verdict.atMs, verdict.lock?.kind, verdict.identity],
      ["stolen laptop", 3, "target", "alice"],
    );
  });

  it("says which grant came nearest, whose it is, and when it was revoked", () => {
    const events = [
      grantIssued(),
      grantIssued({ id: grantId(2), role: "gone" }),
      certificateIssued("7", [grantId(1), grantId(2)]),
      revokeGrant,
    ];
    assert.deepEqual(decide({ events }), {
      ok: false,
      reason: "grant-revoked",
      detail: "enough",
      identity: "alice",
      grant: grantId(1),
      atMs: 4,
    });
  });
});
