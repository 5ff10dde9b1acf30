import assert from "node:assert/strict";
import {
  ConfigError,
  parseConfig,
  type ConfigMistake,
  type ConfigParsers,
} from "../../../src/config/index.js";

/** Takes `key-…` for a key: what is inside a real one is not this room's business. */
export const parsers: ConfigParsers = {
  publicKey: (line) => {
    if (!line.startsWith("key-")) throw new Error("not a key");
    return { fingerprint: `SHA256:${line}` };
  },
};

export const AUDITOR = `bascule-auditor:${"A".repeat(43)}`;

/** A small whole configuration, in sections that a test may replace. Line numbers in tests count on this order. */
export const sections = {
  identities: `identities:
  alice: { groups: [engineers], keys: [key-alice] }
  bob: { groups: [approvers], keys: [key-bob] }`,
  targets: `targets:
  prod-db-1:
    address: 10.0.0.5:22
    hostKeys: [key-host]
    labels: { env: prod }
    logins: [postgres, ubuntu]`,
  roles: `roles:
  db:
    groups: [engineers]
    targets: { env: prod }
    logins: [postgres]
    maxDuration: 1h
    approvals: { count: 1, from: [approvers] }`,
  recording: `recording: { sealTo: { bob: "${AUDITOR}" } }`,
  more: "",
};

export function sample(changes: Partial<typeof sections> = {}): string {
  return Object.values({ ...sections, ...changes }).join("\n") + "\n";
}

export const bytesOf = (text: string): Buffer => Buffer.from(text);

/** What is wrong with a file. */
export function mistakesIn(text: string | Buffer, how: ConfigParsers = parsers): readonly ConfigMistake[] {
  try {
    parseConfig(Buffer.from(text), "/etc/b.yaml", how);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "invalid");
    return error.mistakes;
  }
  return [];
}

/** The same as lines: `line path: message`. */
export const mistakeLines = (text: string, how?: ConfigParsers): readonly string[] =>
  mistakesIn(text, how).map(({ line, path, message }) => `${line} ${path}: ${message}`);
