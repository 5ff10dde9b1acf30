import {
  newId,
  type AccessEvent,
  type AccessRequest,
  type Policy,
  type RequestId,
} from "../../../src/access/index.js";
import type { News, Notice } from "../../../src/webhooks/news.js";
import type { WebhookSettings } from "../../../src/webhooks/index.js";
import { fromAny, grant, policy, role } from "../access/sample.js";

export const SECRET = `whsec_${Buffer.from("thirty-two bytes of a test's key").toString("base64")}`;

export const requestId = (n = 1): RequestId => {
  const random = Buffer.alloc(8);
  random.writeBigUInt64BE(BigInt(n));
  return newId("req", random);
};

export function request(changes: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id: requestId(),
    identity: "alice",
    targets: ["prod-db-1"],
    logins: ["postgres"],
    durationMs: 1_800_000,
    reason: "INC-42 replication stuck",
    role: "db-oncall",
    needs: fromAny(1, "approvers"),
    breakGlass: false,
    lapsesAtMs: 28_800_000,
    ...changes,
  };
}

/** alice asks, bob approves, nobody else is there. */
export function smallPolicy(): Policy {
  const identity = (name: string, group: string) =>
    [name, { name, groups: [group], keys: [], workloads: [] }] as const;
  const people = new Map([identity("alice", "engineers"), identity("bob", "approvers")]);
  return { ...policy([role()]), identities: people, admins: [], auditors: [] };
}

export const requestMade = (changes: Partial<AccessRequest> = {}): AccessEvent => ({
  type: "request.made",
  request: request(changes),
});

export const granted: News = { type: "grant.issued", grant: grant(), by: "admin@local" };

export function notice(news: News = granted, entry = 7): Notice {
  return { id: `msg_${entry}`, entry, atMs: Date.UTC(2026, 10, 21, 8), bastion: "bastion", news };
}

export function settings(changes: Partial<WebhookSettings> = {}): WebhookSettings {
  const url = "https://hooks.example/T000/B000/very-secret";
  return { name: "siem", url, format: "standard", secret: SECRET, events: ["*"], ...changes };
}
