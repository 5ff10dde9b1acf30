import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/index.js";
import { bytesOf, parsers, sample, sections } from "./sample.js";

const rows: readonly [name: string, change: Parameters<typeof sample>[0], warning: string][] = [
  ["admins-nobody", { more: "admins: [platform]" }, "18 admins[0]: nobody is in this group"],
  [
    "group-mistyped",
    { roles: sections.roles.replace("[engineers]", "[enginers]") },
    "12 roles.db.groups[0]: nobody is in this group; did you mean engineers?",
  ],
  [
    "login-nowhere",
    { roles: sections.roles.replace("[postgres]", "[postgres, ubunut]") },
    "14 roles.db.logins[1]: no target of this role has this login; did you mean ubuntu?",
  ],
  [
    "label-nowhere",
    { roles: sections.roles.replace("env: prod", "env: test") },
    "13 roles.db.targets: no target is meant by this",
  ],
  [
    "name-mistyped",
    { roles: sections.roles.replace("{ env: prod }", "{ names: [prod-bd-1] }") },
    "13 roles.db.targets: no target is meant by this; did you mean prod-db-1?",
  ],
  [
    "too-few-approvers",
    { roles: sections.roles.replace("count: 1", "count: 2") },
    "16 roles.db.approvals.count: there are not that many people in the groups that approve",
  ],
  [
    "only-approver-asks",
    {
      identities: sections.identities.replace("[approvers]", "[approvers, engineers]"),
    },
    "16 roles.db.approvals: a request of bob could not be approved: nobody approves their own, and nobody counts twice",
  ],
  [
    "all-of-the-same-person",
    approvals("{ allOf: [{ count: 1, from: [approvers] }, { count: 1, from: [approvers, engineers] }] }"),
    "16 roles.db.approvals: a request of alice could not be approved: nobody approves their own, and nobody counts twice",
  ],
  [
    "all-of-too-few",
    approvals("{ allOf: [{ count: 1, from: [approvers] }, { count: 3, from: [approvers] }] }"),
    "16 roles.db.approvals.allOf[1].count: there are not that many people in the groups that approve",
  ],
  [
    "nobody-can-sign",
    {
      ...approvals("{ count: 1, from: [approvers], signed: true }"),
      identities: sections.identities.replace(", keys: [key-bob]", ""),
    },
    "16 roles.db.approvals.signed: too few of those who approve have a key to sign with",
  ],
  [
    "nobody-has-a-hardware-key",
    approvals("{ count: 1, from: [approvers], presence: true }"),
    "16 roles.db.approvals.presence: too few of those who approve have a hardware key",
  ],
  [
    "break-glass-of-an-automatic-role",
    approvals("automatic\n    breakGlass: allowed"),
    "17 roles.db.breakGlass: the role's approvals are automatic, so there is no glass to break",
  ],
];

function approvals(text: string): Parameters<typeof sample>[0] {
  return { roles: sections.roles.replace("{ count: 1, from: [approvers] }", text) };
}

describe("config/references", () => {
  for (const [name, change, expected] of rows) {
    it(`warns of ${name}`, () => {
      const { warnings } = parseConfig(bytesOf(sample(change)), "/etc/b.yaml", parsers);
      assert.deepEqual(
        warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`.slice(0, expected.length)),
        [expected],
      );
    });
  }

  it("does not mind an any-of of which one will do", () => {
    const anyOf = "{ anyOf: [{ count: 9, from: [approvers] }, { count: 1, from: [approvers] }] }";
    assert.deepEqual(parseConfig(bytesOf(sample(approvals(anyOf))), "/etc/b.yaml", parsers).warnings, []);
  });
});
