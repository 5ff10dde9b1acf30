import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/index.js";
import { AUDITOR, bytesOf, mistakesIn, parsers, sample, sections } from "./sample.js";

/** Each row: a change to the sample, and the one mistake it makes: `line path: message`. */
const rows: readonly [name: string, change: Parameters<typeof sample>[0], mistake: string][] = [
  // The file as a whole
  ["empty-section", { targets: "targets:" }, "4 targets: expected a map of targets by name"],
  ["missing-section", { recording: "" }, "1 recording: is missing; expected a map with durability, sealTo"],
  ["tab-indent", { more: "limits:\n\tloginGrace: 1m" }, "19 : Tabs are not allowed as indentation"],
  ["duplicate-key", { more: "name: a\nname: b" }, "19 : Map keys must be unique"],
  ["unclosed-quote", { more: 'name: "a' }, '19 : Missing closing "quote'],
  ["unknown-tag", { more: "name: !!js/function a" }, "18 : Unresolved tag: tag:yaml.org,2002:js/function"],
  [
    "two-documents",
    { more: "---\nname: a" },
    "18 : Source contains multiple documents; please use YAML.parseAllDocuments()",
  ],

  // Unknown keys
  ["mistyped-section", { more: "limtis: {}" }, "18 limtis: is not known; did you mean limits?"],
  [
    "swapped-letters",
    { more: "limits:\n  loginGarce: 1m" },
    "19 limits.loginGarce: is not known; did you mean loginGrace?",
  ],
  ["wrong-case", { more: "rekey: { Bytes: 1GiB }" }, "18 rekey.Bytes: is not known; did you mean bytes?"],
  [
    "nothing-near",
    { more: "rekey: { frobnicate: 1 }" },
    "18 rekey.frobnicate: is not known; expected one of bytes, every",
  ],
  [
    "in-a-named-target",
    { targets: sections.targets + "\n    hostkeys: []" },
    "10 targets.prod-db-1.hostkeys: is not known; did you mean hostKeys?",
  ],
  [
    "escapes-in-a-key",
    { more: '"\\e[31mred": 1' },
    '18 "\\u001b[31mred": is not known; expected one of listen',
  ],

  [
    "prototype-in-a-map",
    { identities: sections.identities + "\n  __proto__: { groups: [] }" },
    "4 : __proto__ is not known",
  ],

  // Addresses
  ["port-missing", { more: "listen: 127.0.0.1" }, "18 listen: expected an address such as 10.0.0.5:22"],
  ["port-too-high", { more: "listen: 127.0.0.1:65536" }, "18 listen: expected an address such as"],
  ["v6-without-brackets", { more: "listen: ::1:22" }, "18 listen: expected an address such as"],
  ["no-such-v4", { more: "listen: 10.0.0.999:22" }, "18 listen: expected an address such as"],
  ["http-neither", { more: "http: on" }, "18 http: expected off, or an address such as 127.0.0.1:8022"],
  [
    "target-port-0",
    { targets: sections.targets.replace("5:22", "5:0") },
    "6 targets.prod-db-1.address: expected an address such as",
  ],
  [
    "address-missing",
    { targets: sections.targets.replace("address: 10.0.0.5:22", "login: certificate") },
    "5 targets.prod-db-1.address: is missing; expected an address such as",
  ],

  // Durations, sizes, numbers
  ["duration-bare-number", { more: "notices: [15]" }, "18 notices[0]: expected a duration such as"],
  [
    "duration-wrong-order",
    { more: "notices:\n  - 5m\n  - 30m1h" },
    "20 notices[1]: expected a duration such as",
  ],
  [
    "duration-out-of-range",
    { more: "limits: { loginGrace: 1d }" },
    "18 limits.loginGrace: expected a duration such as 90s, 30m, 1h or 2h30m, from 1s to 10m",
  ],
  [
    "size-decimal",
    { more: "rekey:\n  bytes: 1GB" },
    "19 rekey.bytes: expected a size such as 512B, 64KiB or 1GiB, from 1MiB to 64GiB",
  ],
  [
    "number-as-text",
    { more: 'limits: { channelsPerConnection: "8" }' },
    "18 limits.channelsPerConnection: expected a whole number from 1 to 10000",
  ],
  [
    "number-with-fraction",
    { more: "proxies: 1.5" },
    "18 proxies: expected cores, or a whole number from 1 to 256",
  ],
  [
    "zero-of-a-limit",
    { more: "limits: { authenticationAttempts: 0 }" },
    "18 limits.authenticationAttempts: expected a whole number from 1 to 100",
  ],

  // Names
  [
    "identity-upper-case",
    { identities: sections.identities.replace("bob", "Bob") },
    "3 identities.Bob: expected a name of a-z 0-9",
  ],
  [
    "identity-homoglyph",
    { identities: sections.identities.replace("bob", "b\u043eb") },
    '3 identities."b?b": expected a name of a-z 0-9',
  ],
  ["group-as-number", { more: "admins: [1]" }, "18 admins[0]: expected a name of a-z 0-9"],
  [
    "login-with-space",
    { targets: sections.targets.replace("ubuntu", "ub untu") },
    "9 targets.prod-db-1.logins[1]: expected a login of",
  ],
  ["banner-yes", { more: "banner: yes" }, "18 banner: expected on or off"],
  ["variable-all", { more: 'environment: ["*"]' }, "18 environment[0]: expected a variable's name"],
  ["bastion-name", { more: "name: Bastion_1" }, "18 name: expected a host name in lower case"],

  // Keys
  [
    "identity-key",
    { identities: sections.identities.replace("key-bob", "nonsense") },
    "3 identities.bob.keys[0]: expected a public key as in id_ed25519.pub (not a key)",
  ],
  [
    "host-key",
    { targets: sections.targets.replace("key-host", "nonsense") },
    "7 targets.prod-db-1.hostKeys[0]: expected a public key",
  ],
  [
    "no-host-key",
    { targets: sections.targets.replace("    hostKeys: [key-host]\n", "") },
    "5 targets.prod-db-1: expected hostKeys or hostCA: without one there is no telling",
  ],
  [
    "empty-host-keys",
    { targets: sections.targets.replace("[key-host]", "[]") },
    "7 targets.prod-db-1.hostKeys: expected at least one of public keys",
  ],
  [
    "one-key-for-two",
    { identities: sections.identities.replace("key-bob", "key-alice") },
    "3 identities.bob.keys[0]: expected a key of its own; identities.alice has the same one",
  ],
  [
    "auditor-key-short",
    { recording: 'recording: { sealTo: { bob: "bascule-auditor:AAAA" } }' },
    "17 recording.sealTo.bob: expected an auditor's public key",
  ],
  [
    "auditor-key-spare-bits",
    { recording: `recording: { sealTo: { bob: "${AUDITOR.slice(0, -1)}B" } }` },
    "17 recording.sealTo.bob: expected an auditor's public key",
  ],
  [
    "no-auditor",
    { recording: "recording: { sealTo: {} }" },
    "17 recording.sealTo: expected at least one auditor's key",
  ],

  // Roles
  [
    "login-way",
    { targets: sections.targets + "\n    login: password" },
    "10 targets.prod-db-1.login: expected certificate, or { key: path }",
  ],
  [
    "selector-empty",
    { roles: sections.roles.replace("{ env: prod }", "{}") },
    "13 roles.db.targets: expected labels such as { env: prod }, or { names: [prod-db-*] }",
  ],
  [
    "selector-mixed",
    { roles: sections.roles.replace("{ env: prod }", "{ env: prod, names: [a] }") },
    "13 roles.db.targets.env: is not known; expected one of names",
  ],
  [
    "channel-kind",
    { roles: sections.roles + "\n    channels: [shell, scp]" },
    "17 roles.db.channels[1]: expected shell or exec or sftp",
  ],
  [
    "approvals-missing",
    { roles: sections.roles.replace(/\n {4}approvals.*/, "") },
    "11 roles.db.approvals: is missing; expected automatic, { count: 1, from: [approvers] }, {",
  ],
  [
    "ticket-pattern",
    { roles: sections.roles + "\n    ticket: '['" },
    "17 roles.db.ticket: expected a regular expression such as",
  ],
  [
    "reason-word",
    { roles: sections.roles + "\n    reason: always" },
    "17 roles.db.reason: expected required or optional",
  ],

  // While requests wait
  ["lapse", { more: "requests: { lapse: 0s }" }, "18 requests.lapse: expected a duration such as"],
  [
    "no-request-at-all",
    { more: "requests: { openPerIdentity: 0 }" },
    "18 requests.openPerIdentity: expected a whole",
  ],
  ["when-tightened", { more: "whenTightened: later" }, "18 whenTightened: expected cut or at-end"],
  ["token-life", { more: "tokens: { life: 61m }" }, "18 tokens.life: expected a duration such as"],
];

describe("config/mistakes", () => {
  for (const [name, change, expected] of rows) {
    it(name, () => {
      const mistakes = mistakesIn(sample(change)).map(
        ({ line, path, message }) => `${line} ${path}: ${message}`,
      );
      assert.equal(mistakes.length, 1, mistakes.join("\n"));
      assert.equal(mistakes[0]?.slice(0, expected.length), expected);
    });
  }

  it("names every mistake at once, in the order of the file", () => {
    const text = sample({
      identities: "identities:\n  Alice: { keys: [nonsense] }",
      targets: "targets:\n  db: { address: nowhere, logins: [a], colour: red }",
      more: "listen: 1\nlimits: { loginGrace: soon, packetBytes: 1 }",
    });
    const places = mistakesIn(text).map(({ line, path }) => `${line} ${path}`);
    assert.deepEqual(places, [
      "2 identities.Alice",
      "2 identities.Alice.keys[0]",
      "4 targets.db",
      "4 targets.db.address",
      "4 targets.db.colour",
      "13 listen",
      "14 limits.loginGrace",
      "14 limits.packetBytes",
    ]);
  });

  it("has a line for each in the error's message", () => {
    const text = sample({ more: "listen: 1\nhttp: 2" });
    assert.throws(() => parseConfig(bytesOf(text), "/etc/b.yaml", parsers), {
      name: "ConfigError",
      message: /^\/etc\/b\.yaml:18: listen: expected .*\n\/etc\/b\.yaml:19: http: expected .*$/,
    });
  });

  const whole: readonly [name: string, text: string | Buffer, message: RegExp][] = [
    ["empty-file", "", /^expected a map with listen/],
    ["a-list", "- a", /^expected a map with listen/],
    ["not-utf8", Buffer.of(0x6e, 0xff), /^expected UTF-8 text$/],
    ["alias-bomb", bomb(), /^expected at most 100 uses of aliases$/],
  ];
  for (const [name, text, message] of whole) {
    it(`refuses ${name}`, () => {
      const [mistake] = mistakesIn(text);
      assert.equal(mistake?.line, 1);
      assert.match(mistake.message, message);
    });
  }
});

function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const above = level === 0 ? "x" : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array(9).fill(above).join(", ")}]`;
  });
  return levels.join("\n");
}
