import assert from "node:assert/strict";
import type { Approvals, Role } from "../../../src/access/index.js";
import { runCommand } from "../../../src/commands/serving.js";
import { EXIT, type Caller, type CommandOutcome } from "../../../src/commands/index.js";
import { roleYaml } from "../../../src/commands/role-yaml.js";
import { Bench, MovedClocks } from "../control/bench.js";
import { policyOf, policyText } from "../cli/policy/sample.js";

const alice: Caller = { name: "alice", isAdmin: false, isAuditor: false, via: "local" };
const DAY_MS = 86_400_000;

describe("commands/access-review", () => {
  it("is for admins and for auditors, and says when the ledger is younger than what was asked", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    await bench.issue();
    const run = (caller: Caller, values = {}): Promise<CommandOutcome> =>
      runCommand(
        {
          ...{ control: bench.control, caller, program: "bascule" },
          note: () => undefined,
          signal: AbortSignal.timeout(9999),
        },
        { command: "access review", values },
      );
    assert.equal((await run(alice)).exit, EXIT.notPermitted);
    assert.equal((await run({ ...alice, isAuditor: true }, { role: ["nosuch"] })).exit, EXIT.notFound);
    assert.equal((await run({ ...alice, isAdmin: true }, { days: ["0"] })).exit, EXIT.usage);
    clocks.pass(10 * DAY_MS);
    const young = await run({ ...alice, isAuditor: true });
    assert.ok(young.ok);
    assert.match(
      young.text,
      /\(90 days\)\.\nThe ledger begins only at 2026-11-21 08:00 UTC: of the 80d before it/,
    );
    assert.match(
      young.text,
      /\nrole oncall: 0 of 4 permissions used, in 0 sessions\n.*never used .*alice, bob as root, postgres on prod\n.*take the role away/s,
    );
    const old = await run({ ...alice, isAdmin: true }, { days: ["9"] });
    assert.ok(old.ok);
    assert.doesNotMatch(old.text, /begins only/);
  });
});

describe("commands/role-yaml", () => {
  const quorum = { count: 1, from: ["approvers"] };
  const people = (changes: object): Approvals => ({
    ...{ kind: "all-of", quorums: [quorum], signed: false, presence: false },
    ...changes,
  });
  const given = policyOf(policyText()).roles.get("db");
  const rows: readonly [name: string, changes: Partial<Role>][] = [
    ["as-it-was", {}],
    ["automatic", { approvals: { kind: "automatic" } }],
    ["all-of", { approvals: people({ quorums: [quorum, { count: 2, from: ["engineers"] }] }) }],
    [
      "any-of-with-a-hardware-key",
      { approvals: people({ kind: "any-of", quorums: [quorum, quorum], signed: true, presence: true }) },
    ],
    ["signed", { approvals: people({ signed: true }) }],
    ["names", { targets: { by: "names", globs: ["*", "db-1", "1e3"] } }],
    [
      "labels-like-other-types",
      { targets: { by: "labels", labels: { env: "true", "a/b": "1.5", no: "null" } } },
    ],
    [
      "everything",
      {
        breakGlass: true,
        selfExtensionMs: 900_000,
        reason: "optional",
        ticket: /^'"\s#: \\$/u,
        channels: [],
      },
    ],
  ];
  for (const [name, changes] of rows) {
    it(`reads back as the same role: ${name}`, () => {
      assert.ok(given);
      const role: Role = { ...given, ...changes };
      const text = policyText().replace(
        /^roles:\n[^]*(?=^recording)/mu,
        () => `roles:\n${roleYaml(role).join("\n")}\n`,
      );
      assert.deepEqual(policyOf(text).roles.get("db"), role);
    });
  }
});
