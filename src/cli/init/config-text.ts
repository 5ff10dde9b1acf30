import type { NewAuditors } from "./make-keys.js";

/** What a new configuration says; everything else has its default. */
export interface NewConfig {
  readonly listen: string;
  readonly recordings: string;
  readonly auditors: NewAuditors;
  /** YAML of the sections about people, targets and roles; empty ones for an admin to fill. */
  readonly access: string;
}

/** The configuration's text. The home is the folder that it lies in. */
export function configText({ listen, recordings, auditors, access }: NewConfig): string {
  return `# Bascule's configuration. It is read again on SIGHUP; one with a mistake is refused whole.
# Every setting is explained in config/bascule.example.yaml.
listen: ${listen}
name: bastion
home: .
recordings: ${quoted(recordings)}
recording:
  sealTo: # who can read recordings
${named(auditors.sealTo)}
  sealApartTo: # who can see what was typed and not echoed, such as passwords
${named(auditors.sealApartTo)}
${access}`;
}

function named(keys: Readonly<Record<string, string>>): string {
  return Object.entries(keys)
    .map(([name, key]) => `    ${name}: ${quoted(key)}`)
    .join("\n");
}

/** People, targets and roles, for a bastion that nobody can use yet. */
export const emptyAccess = `identities: {}
  # alice: { groups: [engineers], keys: ["ssh-ed25519 AAAA…"] }
targets: {}
  # prod-db-1:
  #   address: 10.0.0.5:22
  #   hostKeys: ["ssh-ed25519 AAAA…"]
  #   labels: { env: prod }
  #   logins: [postgres]
roles: {}
  # db-oncall:
  #   groups: [engineers]
  #   targets: { env: prod }
  #   logins: [postgres]
  #   maxDuration: 1h
  #   approvals: { count: 1, from: [approvers] } # or: automatic
`;

/** A text as YAML takes it whatever is in it: JSON's strings are YAML's. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
