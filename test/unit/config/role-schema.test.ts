import assert from "node:assert/strict";
import type { Role } from "../../../src/access/index.js";
import { parseConfig } from "../../../src/config/index.js";
import { bytesOf, mistakeLines, parsers, sample, sections } from "./sample.js";

const APPROVALS = "approvals: { count: 1, from: [approvers] }";
const withApprovals = (text: string): string =>
  sample({ roles: sections.roles.replace(APPROVALS, `approvals: ${text}`) });

function roleOf(text: string): Role {
  const role = parseConfig(bytesOf(text), "/etc/b.yaml", parsers).policy.roles.get("db");
  assert.ok(role);
  return role;
}

const one = { count: 1, from: ["approvers"] };
const two = { count: 2, from: ["engineers"] };
const plain = { signed: false, presence: false };

const forms: readonly [name: string, text: string, expected: Role["approvals"]][] = [
  ["automatic", "automatic", { kind: "automatic" }],
  ["one-quorum", "{ count: 1, from: [approvers] }", { kind: "all-of", quorums: [one], ...plain }],
  [
    "signed",
    "{ count: 1, from: [approvers], signed: true }",
    { kind: "all-of", quorums: [one], signed: true, presence: false },
  ],
  [
    "presence-means-signed",
    "{ count: 1, from: [approvers], presence: true }",
    { kind: "all-of", quorums: [one], signed: true, presence: true },
  ],
  [
    "all-of",
    "{ allOf: [{ count: 1, from: [approvers] }, { count: 2, from: [engineers] }] }",
    { kind: "all-of", quorums: [one, two], ...plain },
  ],
  [
    "any-of-signed",
    "{ anyOf: [{ count: 1, from: [approvers] }, { count: 2, from: [engineers] }], signed: true }",
    { kind: "any-of", quorums: [one, two], signed: true, presence: false },
  ],
];

const EXPECTED = "expected automatic, { count: 1, from: [approvers] }, {";
const wrong: readonly [name: string, text: string, mistakes: readonly string[]][] = [
  ["a-word", "none", [`16 roles.db.approvals: ${EXPECTED}`]],
  ["empty", "{}", [`16 roles.db.approvals: ${EXPECTED}`]],
  [
    "count-zero",
    "{ count: 0, from: [approvers] }",
    [
      "16 roles.db.approvals.count: expected a whole number from 1 to 16; where nobody has to approve, write approvals: automatic",
    ],
  ],
  ["from-nobody", "{ count: 1, from: [] }", ["16 roles.db.approvals.from: expected at least one of groups"]],
  ["from-missing", "{ count: 1 }", ["16 roles.db.approvals.from: is missing; expected a list of groups"]],
  [
    "key-mistyped",
    "{ count: 1, from: [approvers], singed: true }",
    ["16 roles.db.approvals.singed: is not known; did you mean signed?"],
  ],
  [
    "inside-all-of",
    "\n      allOf:\n        - { count: 17, from: [approvers] }\n        - { count: 1, form: [approvers] }",
    [
      "18 roles.db.approvals.allOf[0].count: expected a whole number from 1 to 16",
      "19 roles.db.approvals.allOf[1].form: is not known; did you mean from?",
      "19 roles.db.approvals.allOf[1].from: is missing; expected a list of groups",
    ],
  ],
  [
    "two-forms",
    "{ allOf: [{ count: 1, from: [a] }], anyOf: [] }",
    ["16 roles.db.approvals.anyOf: cannot stand beside the other keys here"],
  ],
  [
    "signed-word",
    "{ count: 1, from: [approvers], signed: on }",
    ["16 roles.db.approvals.signed: expected true or false"],
  ],
  [
    "too-many-quorums",
    `{ anyOf: [${"{ count: 1, from: [approvers] }, ".repeat(9)}] }`,
    ["16 roles.db.approvals.anyOf: expected at most 8 quorums"],
  ],
];

describe("config/role-schema", () => {
  for (const [name, text, expected] of forms) {
    it(`reads approvals: ${name}`, () => assert.deepEqual(roleOf(withApprovals(text)).approvals, expected));
  }

  for (const [name, text, expected] of wrong) {
    it(`refuses approvals: ${name}`, () => {
      const found = mistakeLines(withApprovals(text));
      assert.deepEqual(
        found.map((line, at) => line.slice(0, expected[at]?.length)),
        expected,
        found.join("\n"),
      );
    });
  }

  it("reads break-glass and self-extension, neither by default", () => {
    const given = roleOf(
      sample({ roles: sections.roles + "\n    breakGlass: allowed\n    selfExtension: 15m" }),
    );
    assert.deepEqual([given.breakGlass, given.selfExtensionMs], [true, 900_000]);
    const bare = roleOf(sample());
    assert.deepEqual([bare.breakGlass, bare.selfExtensionMs], [false, undefined]);
  });

  it("refuses break-glass by another word, and a self-extension past the role's own end", () => {
    const roles = sections.roles + "\n    breakGlass: yes";
    assert.deepEqual(mistakeLines(sample({ roles })), [
      "17 roles.db.breakGlass: expected allowed or forbidden",
    ]);
    assert.deepEqual(mistakeLines(sample({ roles: sections.roles + "\n    selfExtension: 61m" })), [
      "17 roles.db.selfExtension: expected at most the role's maxDuration, 1h",
    ]);
  });
});
