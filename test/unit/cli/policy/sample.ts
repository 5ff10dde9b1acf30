import type { Policy } from "../../../../src/access/index.js";
import { parseConfig } from "../../../../src/config/index.js";

/** Two engineers, one approver, `targets` database hosts and the role that leads there. */
export function policyText(targets = 2): string {
  const hosts = Array.from(
    { length: targets },
    (_, at) => `
  db-${at + 1}: { address: 10.0.0.5:22, hostKeys: [key-h], labels: { env: prod }, logins: [postgres, ubuntu] }`,
  );
  return `identities:
  alice: { groups: [engineers], keys: [key-alice] }
  dave: { groups: [engineers], keys: [key-dave] }
  bob: { groups: [approvers], keys: [key-bob] }
targets:${hosts.join("")}
roles:
  db:
    groups: [engineers]
    targets: { env: prod }
    logins: [postgres]
    maxDuration: 1h
    approvals: { count: 1, from: [approvers] }
    ticket: '^INC-\\d+$'
    sourceAddresses: [10.0.0.0/8]
    breakGlass: forbidden
  db-at-home:
    groups: [engineers]
    targets: { names: [db-1] }
    logins: [postgres]
    maxDuration: 10m
    approvals: { count: 1, from: [approvers], signed: true }
    channels: [shell]
    sourceAddresses: [192.168.0.0/16]
    breakGlass: allowed
recording: { sealTo: { bob: "bascule-auditor:${"A".repeat(43)}" } }
`;
}

export function policyOf(text: string): Policy {
  const publicKey = (line: string) => ({ fingerprint: `SHA256:${line}` });
  return parseConfig(Buffer.from(text), "/etc/bascule.yaml", { publicKey }).policy;
}
