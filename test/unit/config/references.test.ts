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
];

describe("config/references", () => {
  for (const [name, change, expected] of rows) {
    it(`warns of ${name}`, () => {
      const { warnings } = parseConfig(bytesOf(sample(change)), "/etc/b.yaml", parsers);
      assert.deepEqual(
        warnings.map(({ line, path, message }) => `${line} ${path}: ${message}`),
        [expected],
      );
    });
  }
});
