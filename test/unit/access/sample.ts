import {
  NO_CERTIFICATE,
  approvalUser,
  emptyState,
  fold,
  newId,
  type AccessEvent,
  type AccessRequest,
  type ApprovalEvidence,
  type Approvals,
  type EventOf,
  type Grant,
  type GrantId,
  type HoldId,
  type LockKind,
  type OverrideId,
  type Policy,
  type RedactionId,
  type RequestId,
  type Role,
  type SessionId,
  type SessionStarted,
  type State,
} from "../../../src/access/index.js";

type RequestMade = EventOf<"request.made">;
type RequestApproved = EventOf<"request.approved">;

/** The nth id of a kind. */
const bytes = (n: number): Buffer => {
  const random = Buffer.alloc(8);
  random.writeBigUInt64BE(BigInt(n));
  return random;
};
export const grantId = (n = 1): GrantId => newId("grt", bytes(n));
export const sessionId = (n = 1): SessionId => newId("ses", bytes(n));

export const redactionId = (n = 1): RedactionId => newId("red", bytes(n));

export const requestId = (n = 1): RequestId => newId("req", bytes(n));

export const holdId = (n = 1): HoldId => newId("hld", bytes(n));
export const overrideId = (n = 1): OverrideId => newId("ovr", bytes(n));

export const FINGERPRINT = `SHA256:${"A".repeat(43)}`;
export const HASH = "0".repeat(64);

/** A grant from 1,000 to 2,000 ms. */
export function grant(changes: Partial<Grant> = {}): Grant {
  return {
    id: grantId(),
    identity: "alice",
    targets: ["prod-db-1"],
    logins: ["postgres"],
    fromMs: 1000,
    untilMs: 2000,
    reason: "INC-42 replication stuck",
    role: "db-oncall",
    approvers: ["bob"],
    channels: ["shell", "exec", "sftp"],
    ...changes,
  };
}

/** So many people from these groups together. */
export function fromAny(count: number, ...from: string[]): Approvals {
  return { kind: "all-of", quorums: [{ count, from }], signed: false, presence: false };
}

export function role(changes: Partial<Role> = {}): Role {
  return {
    name: "db-oncall",
    groups: ["engineers"],
    targets: { by: "labels", labels: { env: "prod", team: "db" } },
    logins: ["postgres"],
    maxDurationMs: 3_600_000,
    approvals: fromAny(1, "approvers"),
    breakGlass: false,
    reason: "required",
    channels: ["shell", "exec", "local-forward"],
    ...changes,
  };
}

export function policy(roles: readonly Role[] = [role()]): Policy {
  const target = (name: string, labels: Record<string, string>, logins: string[]) =>
    [name, { name, labels, logins }] as const;
  return {
    hash: HASH,
    identities: new Map([
      ["alice", { name: "alice", groups: ["engineers"], keys: [], workloads: [] }],
      ["bob", { name: "bob", groups: ["approvers"], keys: [], workloads: [] }],
      ["carol", { name: "carol", groups: ["approvers", "security"], keys: [], workloads: [] }],
      ["dave", { name: "dave", groups: ["security"], keys: [], workloads: [] }],
      ["root", { name: "root", groups: ["platform"], keys: [], workloads: [] }],
    ]),
    targets: new Map([
      target("prod-db-1", { env: "prod", team: "db" }, ["postgres", "ubuntu"]),
      target("prod-web-1", { env: "prod", team: "web" }, ["www-data", "postgres"]),
    ]),
    roles: new Map(roles.map((each) => [each.name, each])),
    admins: ["platform"],
    auditors: ["auditors"],
    redactors: ["redactors"],
    unsealers: [],
  };
}

/** Asks for what `grant()` gives, made at 100 ms at the earliest, to lapse at 5,000. */
export function request(changes: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id: requestId(),
    identity: "alice",
    targets: ["prod-db-1"],
    logins: ["postgres"],
    durationMs: 1000,
    reason: "INC-42 replication stuck",
    role: "db-oncall",
    needs: fromAny(1, "approvers"),
    breakGlass: false,
    lapsesAtMs: 5000,
    ...changes,
  };
}

export const requestMade = (changes: Partial<AccessRequest> = {}): RequestMade => ({
  type: "request.made",
  request: request(changes),
});

export const requestApproved = (changes: Partial<RequestApproved> = {}): RequestApproved => ({
  type: "request.approved",
  request: requestId(),
  by: "bob",
  groups: ["approvers"],
  presence: false,
  ...changes,
});

/** By a signature for `of`; nobody has verified it. */
export const evidenceFor = (of: AccessRequest): ApprovalEvidence => ({
  sessionId: "c2Vzc2lvbg==",
  user: approvalUser(of),
  algorithm: "ssh-ed25519",
  key: "a2V5",
  signature: "c2ln",
});

/** A grant that answers request(). */
export const answered = (
  changes: Partial<Grant> = {},
  of: RequestId = requestId(),
): EventOf<"grant.issued"> => ({
  type: "grant.issued",
  grant: grant({ how: "approved", ...changes }),
  by: "bob",
  request: of,
});

export const locked = (kind: LockKind, name: string): EventOf<"lock.set"> => ({
  type: "lock.set",
  ...{ kind, name, by: "root", reason: "stolen laptop" },
});

export const grantIssued = (changes: Partial<Grant> = {}): AccessEvent => ({
  type: "grant.issued",
  grant: grant(changes),
  by: "bob",
});

export const certificateIssued = (serial = "7", grants = [grantId()]): AccessEvent => ({
  type: "certificate.issued",
  serial,
  identity: "alice",
  grants,
  fingerprint: FINGERPRINT,
  validAfterMs: 900,
  validBeforeMs: 2000,
  by: "bob",
});

export const sessionStarted = (changes: Partial<SessionStarted> = {}): SessionStarted => ({
  type: "session.started",
  session: sessionId(),
  identity: "alice",
  grant: grantId(),
  serial: NO_CERTIFICATE,
  target: "prod-db-1",
  login: "postgres",
  clientAddress: "192.0.2.1",
  recording: "2026-01-02/ses-0.bsr",
  channels: ["shell"],
  untilMs: 2000,
  proxy: "proxy-1",
  ...changes,
});

/** The state after events, the nth at n ms. */
export function stateOf(...events: readonly AccessEvent[]): State {
  return events.reduce((state, event, index) => fold(state, event, index + 1), emptyState());
}
