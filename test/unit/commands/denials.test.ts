import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../../src/commands/serving.js";
import { EXIT, type Caller, type CommandOutcome } from "../../../src/commands/index.js";
import { homeSource, verifyEvidence } from "../../../src/evidence/index.js";
import { Bench, prove } from "../control/bench.js";

const admin: Caller = { name: "admin@local", isAdmin: true, isAuditor: true, via: "local" };
const alice: Caller = { name: "alice", isAdmin: false, isAuditor: false, via: "local" };
const auditor: Caller = { name: "bob", isAdmin: false, isAuditor: true, via: "ssh" };

interface Told {
  readonly entry: number;
  readonly reason: string;
  readonly words?: { readonly login?: string };
  readonly forgotten?: boolean;
}

function run(bench: Bench, line: Readonly<Record<string, string>>, command: string, caller = admin) {
  const { signal } = new AbortController();
  const context = { control: bench.control, caller, note: () => undefined, program: "bascule", signal };
  const values = Object.fromEntries(Object.entries(line).map(([name, text]) => [name, [text]]));
  return runCommand(context, { command, values });
}

const told = (outcome: CommandOutcome): readonly Told[] =>
  outcome.ok ? (outcome.json as readonly Told[]) : assert.fail(outcome.message);

describe("commands/denials", () => {
  let bench: Bench;
  before(async () => {
    bench = await Bench.open();
    const { blob } = await bench.issue();
    const opened = await (
      await bench.proxy()
    ).open(prove(bench.alice, blob, "hunter2"), { login: "hunter2" });
    assert.equal(opened.ok, false);
  });

  async function notes(): Promise<string> {
    await bench.control.ledger.proof.publish();
    const source = homeSource({ home: bench.home, recordings: join(bench.home, "recordings") });
    return (await verifyEvidence(source)).notes.join("\n");
  }

  it("shows auditors what was asked for, which no file of the ledger has", async () => {
    const outcome = await run(bench, {}, "denials", auditor);
    const [denial] = told(outcome);
    assert.equal(denial?.words?.login, "hunter2");
    assert.match(outcome.ok ? outcome.text : "", /alice +authorise: \S+ +"hunter2" on "prod"/u);
    for (const folder of ["ledger", "journal"]) {
      const names = readdirSync(join(bench.home, folder), { recursive: true, withFileTypes: true });
      for (const file of names.filter((name) => name.isFile()))
        assert.equal(
          readFileSync(join(file.parentPath, file.name)).includes("hunter2"),
          false,
          join(file.parentPath, file.name),
        );
    }
    assert.doesNotMatch(await notes(), /asked for/u);
  });

  it("is not for others, and only admins make it forget", async () => {
    const why = { entry: "0", reason: "a test" };
    assert.equal((await run(bench, {}, "denials", alice)).exit, EXIT.notPermitted);
    assert.equal((await run(bench, why, "forget", auditor)).exit, EXIT.notPermitted);
    assert.equal((await run(bench, why, "forget")).exit, EXIT.notFound);
    assert.equal((await run(bench, { ...why, entry: "99999" }, "forget")).exit, EXIT.notFound);
    assert.equal((await run(bench, { ...why, entry: "-1" }, "forget")).exit, EXIT.usage);
  });

  it("forgets, says so in the ledger, the list and what verify notes", async () => {
    const [denial] = told(await run(bench, {}, "denials"));
    const wish = { entry: String(denial?.entry), reason: "a password" };
    assert.equal((await run(bench, wish, "forget")).exit, EXIT.done);
    assert.equal((await bench.history()).at(-1), "denial.forgotten");
    const [now] = told(await run(bench, {}, "denials"));
    assert.deepEqual([now?.forgotten, now?.words, now?.reason], [true, undefined, denial?.reason]);
    assert.match(await notes(), /asked for in 1 of 1 refusal was erased; salted hashes are left/u);
    assert.equal((await run(bench, wish, "forget")).exit, EXIT.notFound);
  });
});
