import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { isMap, isScalar, parseDocument } from "yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, parsePublicKeyLine } from "../../../src/certificate/index.js";
import {
  policyDocument,
  configJsonSchema,
  loadConfig,
  parseConfig,
  type Config,
} from "../../../src/config/index.js";
import { DEFAULTS } from "../../../src/config/defaults.js";
import { AUDITOR, bytesOf, parsers, sample, sections } from "./sample.js";

const load = (text: string): Config => parseConfig(bytesOf(text), "/etc/bascule/bascule.yaml", parsers);
const examplePath = join(import.meta.dirname, "../../../../config/bascule.example.yaml");
const realParsers = {
  publicKey: (line: string) => ({ fingerprint: fingerprint(parsePublicKeyLine(line).key) }),
};

describe("config/load-config", () => {
  it("makes policy, inventory and settings of a file", () => {
    const config = load(sample());
    assert.deepEqual(config.policy.identities.get("alice"), {
      name: "alice",
      groups: ["engineers"],
      keys: [{ line: "key-alice", fingerprint: "SHA256:key-alice" }],
      workloads: [],
    });
    assert.deepEqual(config.inventory.get("prod-db-1"), {
      name: "prod-db-1",
      address: { host: "10.0.0.5", port: 22 },
      hostKeys: ["key-host"],
      labels: { env: "prod" },
      logins: ["postgres", "ubuntu"],
      login: { kind: "certificate" },
    });
    assert.deepEqual(config.policy.roles.get("db"), {
      name: "db",
      groups: ["engineers"],
      targets: { by: "labels", labels: { env: "prod" } },
      logins: ["postgres"],
      maxDurationMs: 3_600_000,
      approvals: {
        kind: "all-of",
        quorums: [{ count: 1, from: ["approvers"] }],
        signed: false,
        presence: false,
      },
      breakGlass: false,
      reason: "required",
      index: "sealed",
      channels: ["shell", "exec", "sftp"],
    });
    assert.deepEqual(config.recording, {
      durabilityMs: 1000,
      index: "sealed",
      sealTo: new Map([["bob", AUDITOR]]),
      sealApartTo: new Map([["bob", AUDITOR]]),
      isApartToOthers: false,
    });
    assert.deepEqual(config.warnings, []);
  });

  it("fills in every default", () => {
    const { listen, http, name, proxies, limits, rekey, noticesMs, environment, banner, ...rest } =
      load(sample());
    const { requests, whenTightened, tokens, webhooks, witnesses } = rest;
    assert.deepEqual(
      { requests, whenTightened, tokens, webhooks, witnesses },
      {
        requests: { lapseMs: 28_800_000, openPerIdentity: 10, perHourPerIdentity: 30 },
        whenTightened: "cut",
        tokens: { lifeMs: 900_000 },
        webhooks: new Map(),
        witnesses: new Map(),
      },
    );
    assert.deepEqual(
      { listen, http, name, proxies, rekey, noticesMs, environment, banner },
      {
        listen: { host: "127.0.0.1", port: 2222 },
        http: "off",
        name: "bastion",
        proxies: "cores",
        rekey: { bytes: 2 ** 30, everyMs: 3_600_000 },
        noticesMs: [900_000, 300_000, 60_000],
        environment: ["LANG", "LC_*"],
        banner: true,
      },
    );
    assert.deepEqual(limits, {
      unauthenticatedConnections: 128,
      unauthenticatedConnectionsPerAddress: 32,
      connectionsPerMinutePerAddress: 600,
      loginGraceMs: 30_000,
      authenticationAttempts: 6,
      unauthenticatedBytes: 131_072,
      channelsPerConnection: 128,
      packetBytes: 35_000,
    });
  });

  it("lets relative paths start from the file's folder", () => {
    const more = "home: ./var\nrecordings: ../rec";
    const targets = sections.targets + "\n    login: { key: keys/db }";
    const config = load(sample({ more, targets }));
    assert.equal(config.home, "/etc/bascule/var");
    assert.equal(config.recordings, "/etc/rec");
    assert.deepEqual(config.inventory.get("prod-db-1")?.login, { kind: "key", path: "/etc/bascule/keys/db" });
  });

  it("sorts notices, longest first and each once", () => {
    assert.deepEqual(load(sample({ more: "notices: [1m, 2h, 60s]" })).noticesMs, [7_200_000, 60_000]);
  });

  it("knows a label called names from a list of names", () => {
    const byLabel = load(sample({ roles: sections.roles.replace("{ env: prod }", "{ names: prod }") }));
    assert.equal(byLabel.policy.roles.get("db")?.targets.by, "labels");
    const byName = load(sample({ roles: sections.roles.replace("{ env: prod }", "{ names: [prod-*] }") }));
    assert.deepEqual(byName.policy.roles.get("db")?.targets, { by: "names", globs: ["prod-*"] });
  });

  it("has the SHA-256 of the policy document as the policy's hash: not of comments, ports or paths", () => {
    const config = load(sample());
    const { hash } = config.policy;
    assert.equal(hash, createHash("sha256").update(policyDocument(config)).digest("hex"));
    assert.equal(load(`${sample()}# a comment\n`).policy.hash, hash);
    assert.equal(load(sample({ more: "listen: 127.0.0.1:1\nhome: ./elsewhere" })).policy.hash, hash);
    assert.notEqual(load(sample({ more: "whenTightened: at-end" })).policy.hash, hash);
  });

  it("keeps secrets out of the policy document, and ways to them", () => {
    const webhooks =
      'webhooks:\n  a: { url: "https://x.example/T0P", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }';
    const targets = `${sections.targets}\n    login: { key: keys/db }`;
    const document = policyDocument(load(sample({ more: webhooks, targets })));
    for (const secret of ["whsec", "T0P", "keys/db"]) assert.ok(!document.includes(secret), secret);
    const said = JSON.parse(document) as { targets: Record<string, { login: string; hostKeys: string[] }> };
    assert.equal(said.targets["prod-db-1"]?.login, "key");
    assert.equal(said.targets["prod-db-1"].hostKeys.length, 1);
  });

  it("says so when there is no such file", async () => {
    await assert.rejects(loadConfig("/nowhere/bascule.yaml", parsers), {
      code: "unreadable",
      message: "/nowhere/bascule.yaml:1: cannot be read",
    });
  });

  describe("the example", () => {
    it("loads without a warning", async () => {
      assert.deepEqual((await loadConfig(examplePath, realParsers)).warnings, []);
    });

    it("shows every setting, and defaults as they are", () => {
      const example = parseDocument(readFileSync(examplePath, "utf8")).toJS() as Record<string, unknown>;
      for (const [name, value] of Object.entries(DEFAULTS)) {
        if (
          ["home", "recordings", "admins", "auditors", "role", "recording", "webhooks", "witnesses"].includes(
            name,
          )
        )
          continue;
        assert.deepEqual(example[name], value, name);
      }
      const { properties } = configSchemaProperties();
      assert.deepEqual(Object.keys(example).sort(), Object.keys(properties).sort());
    });

    it("explains every top-level setting in a comment before it", () => {
      const { contents } = parseDocument(readFileSync(examplePath, "utf8"));
      assert.ok(isMap(contents));
      const lines = readFileSync(examplePath, "utf8").split("\n");
      for (const { key } of contents.items) {
        assert.ok(isScalar(key));
        const line = lines.findIndex((text) => text.startsWith(`${String(key.value)}:`));
        const before = lines.slice(Math.max(0, line - 2), line + 2).join("\n");
        assert.match(before, /#/, String(key.value));
      }
    });
  });
});

function configSchemaProperties(): { readonly properties: object } {
  return configJsonSchema() as unknown as { readonly properties: object };
}
