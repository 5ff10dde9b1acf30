import assert from "node:assert/strict";
import { CliError } from "../../../../src/cli/cli-error.js";
import { auditorKeys } from "../../../../src/cli/offline/auditor-keys.js";
import { redactCommand } from "../../../../src/cli/offline/redact.js";
import { verifyCommand } from "../../../../src/cli/offline/verify.js";

/** A span that ends before it begins holds nothing, and "nothing is wrong" would be the wrong answer. */
describe("cli/offline: a span that ends before it begins is a usage error", () => {
  for (const [row, run] of [
    ["verify", () => verifyCommand([], { since: 2, until: 1 }, {})],
    ["verify-of-one-moment", () => verifyCommand([], { since: 2, until: 2 }, {})],
    ["redact", () => redactCommand("ses-0", { from: "0:05", to: "0:01", reason: "x" }, {})],
  ] as const)
    it(row, () => assert.rejects(run, (error) => error instanceof CliError && error.exit === 2));
});

describe("cli/offline/auditor-keys", () => {
  it("says of a key file that is not there that it is not there", () =>
    assert.rejects(auditorKeys("/nowhere.jwk", {}), { exit: 4, message: "there is no file /nowhere.jwk" }));
});
