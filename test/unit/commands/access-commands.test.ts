import assert from "node:assert/strict";
import { runCommand } from "../../../src/commands/serving.js";
import { EXIT, type Caller, type CommandOutcome } from "../../../src/commands/index.js";
import { RequestBench } from "../control/request-bench.js";
import { ssh } from "./fake-carried.js";

const admin: Caller = { name: "admin@local", isAdmin: true, isAuditor: true, via: "local" };
const auditor: Caller = { name: "bob", isAdmin: false, isAuditor: true, via: "http" };

type Values = Readonly<Record<string, readonly string[]>>;

function run(bench: RequestBench, command: string, values: Values, caller = admin): Promise<CommandOutcome> {
  const { signal } = new AbortController();
  const context = { control: bench.control, caller, note: () => undefined, program: "bascule", signal };
  return runCommand(context, { command, values });
}

async function says(bench: RequestBench, command: string, values: Values, caller = admin): Promise<string> {
  const outcome = await run(bench, command, values, caller);
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.message);
  return outcome.text;
}

/** Exit status and words of a refusal. */
async function refused(bench: RequestBench, command: string, values: Values, caller = admin) {
  const outcome = await run(bench, command, values, caller);
  assert.ok(!outcome.ok);
  return { exit: outcome.exit, said: `${outcome.message}\n${outcome.hint ?? ""}` };
}

const why = { reason: ["laptop stolen"] };

describe("commands/lock", () => {
  it("is what explain and a refused request say of a locked target", async () => {
    const bench = await RequestBench.open();
    await bench.control.cuts.lock({ kind: "target", name: "prod" }, "admin@local", "forensics");
    const ask = { target: ["prod"], login: ["root"] };
    assert.match(await says(bench, "explain", { identity: ["alice"], ...ask }), /prod is locked.*forensics/u);
    const alice: Caller = { name: "alice", isAdmin: false, isAuditor: false, via: "http" };
    const given = { target: ["prod"], as: ["root"], reason: ["x"] };
    const { exit, said } = await refused(bench, "request", given, alice);
    assert.deepEqual([exit, /^prod is locked: forensics/u.test(said)], [EXIT.denied, true], said);
  });

  it("locks by a bare name, lists it with its reason, and lifts it again", async () => {
    const bench = await RequestBench.open();
    assert.match(await says(bench, "lock", { name: ["alice"], ...why }), /^identity alice is locked/u);
    assert.match(await says(bench, "locks", {}), /identity {2}alice {2}admin@local .* laptop stolen\n/u);
    const twice = await refused(bench, "lock", { name: ["alice"], ...why });
    assert.equal(twice.exit, EXIT.failed);
    assert.match(await says(bench, "unlock", { name: ["alice"] }), /^identity alice is unlocked/u);
    assert.equal((await refused(bench, "unlock", { name: ["alice"] })).exit, EXIT.notFound);
    assert.match(await says(bench, "locks", {}), /^Nothing is locked/u);
  });

  it("asks which is meant when a name is both an identity and a target", async () => {
    const bench = await RequestBench.open();
    await bench.control.cuts.lock({ kind: "identity", name: "prod" }, "admin@local", "left long ago");
    const { exit, said } = await refused(bench, "lock", { name: ["prod"], ...why });
    assert.equal(exit, EXIT.usage);
    assert.match(said, /prod is an identity and a target[^]*lock --identity prod, or lock --target prod/u);
    assert.match(await says(bench, "lock", { target: ["prod"], ...why }), /^target prod is locked/u);
  });

  it("takes a serial, and a name that the policy does not know only when it is said what it is", async () => {
    const bench = await RequestBench.open();
    const { serial } = await bench.bench.issue();
    assert.match(
      await says(bench, "lock", { name: [serial], ...why }),
      new RegExp(`^serial ${serial} is`, "u"),
    );
    const { exit, said } = await refused(bench, "lock", { name: ["eve"], ...why });
    assert.equal(exit, EXIT.notFound);
    assert.match(said, /--identity eve/u);
    assert.match(await says(bench, "lock", { identity: ["eve"], ...why }), /^identity eve is locked/u);
    const both = await refused(bench, "lock", { identity: ["eve"], target: ["prod"], ...why });
    assert.equal(both.exit, EXIT.usage);
  });

  it("shows others only what keeps them from their work", async () => {
    const bench = await RequestBench.open();
    for (const subject of ["alice", "bob", "prod"]) await says(bench, "lock", { name: [subject], ...why });
    const { stdout } = await ssh(bench.bench, "zoe", "locks");
    assert.match(stdout, /target {2}prod/u);
    assert.doesNotMatch(stdout, /alice|bob/u);
  });
});

describe("commands/explain", () => {
  it("says no more of a role that is not for the caller than why it is not, as JSON too", async () => {
    const { bench } = await RequestBench.open();
    const { stdout } = await ssh(bench, "carol", "explain prod root --json");
    const { roles } = JSON.parse(stdout) as { roles: Record<string, unknown>[] };
    assert.deepEqual(Object.keys(roles[0] ?? {}), ["name", "groups", "logins", "faults"]);
  });

  it("says of each role why it gives something, or why not", async () => {
    const bench = await RequestBench.open();
    const { stdout } = await ssh(bench.bench, "alice", "explain prod root");
    assert.match(stdout, /^alice may ask for prod as root: .*\bone\b/u);
    assert.match(stdout, / {2}yes {2}two\n +at most 1h\n +wants 2 of approvers \(carol, dave, zoe\)/u);
    const no = await says(
      bench,
      "explain",
      { identity: ["alice"], target: ["lab"], login: ["root"] },
      auditor,
    );
    assert.match(no, /^No role lets alice ask for lab as root\.\n {2}no {3}\w+\n +it does not cover lab/u);
    const nobody = await refused(bench, "explain", { identity: ["eve"], target: ["lab"], login: ["root"] });
    assert.equal(nobody.exit, EXIT.notFound);
  });
});

describe("commands/requests", () => {
  it("gives programs what waits first, then what is mine, each with its evidence and state", async () => {
    const bench = await RequestBench.open();
    const [mine, other] = [await bench.waiting("one", { identity: "zoe" }), await bench.waiting("two")];
    await bench.desk.approve({ request: other, by: "carol" });
    const { stdout } = await ssh(bench.bench, "zoe", "requests --json");
    const found = JSON.parse(stdout) as readonly Record<string, unknown>[];
    assert.deepEqual(
      found.map(({ id, relation, status, missing }) => [id, relation, status, missing]),
      [
        [other, "waiting-for-you", "waiting", [{ count: 1, from: ["approvers"] }]],
        [mine, "yours", "waiting", [{ count: 1, from: ["approvers"] }]],
      ],
    );
    assert.match(String(found[0]?.["approvalUser"]), /^approve\.req-\w{12}\.[0-9a-f]{64}$/u);
    const all = JSON.parse((await ssh(bench.bench, "carol", "requests --all --json")).stdout) as typeof found;
    assert.deepEqual(new Set(all.map(({ id }) => id)), new Set([mine, other]));
  });

  it("keeps a break-glass grant before the eyes of who may review it, until one of them has", async () => {
    const bench = await RequestBench.open();
    const made = await ssh(
      bench.bench,
      "alice",
      "request prod --as root --role one --break-glass --reason fire",
    );
    assert.match(made.stdout, /^grt-\w+: alice on prod as root until/u);
    const [grant] = /grt-\w+/u.exec(made.stdout) ?? [""];
    assert.match(
      (await ssh(bench.bench, "carol", "requests")).stdout,
      new RegExp(`review ${grant} --comment`, "u"),
    );
    assert.doesNotMatch((await ssh(bench.bench, "bob", "requests")).stdout, /grt-/u);
    assert.equal((await ssh(bench.bench, "alice", `review ${grant} --comment fine`)).exit, EXIT.denied);
    await says(bench, "revoke", { id: [grant], reason: ["it is over"] });
    const reviewed = await ssh(
      bench.bench,
      "carol",
      `review ${grant.slice(0, 9)} --comment looked at all of it`,
    );
    assert.equal(reviewed.exit, EXIT.done, reviewed.stderr);
    assert.doesNotMatch((await ssh(bench.bench, "carol", "requests")).stdout, /grt-/u);
    assert.match(await says(bench, "grants", { all: [""] }), /break-glass, reviewed by carol/u);
  });

  it("takes a request back for who made it only", async () => {
    const bench = await RequestBench.open();
    const id = await bench.waiting("one");
    const other = await ssh(bench.bench, "carol", `cancel ${id}`);
    assert.equal(other.exit, EXIT.denied);
    assert.match(other.stderr, /ssh bastion deny req-/u);
    assert.equal((await ssh(bench.bench, "alice", `deny ${id} --reason x`)).exit, EXIT.denied);
    assert.equal((await ssh(bench.bench, "alice", `cancel ${id}`)).exit, EXIT.done);
    assert.equal((await ssh(bench.bench, "carol", `approve ${id}`)).exit, EXIT.denied);
    assert.equal((await run(bench, "show", { id: [id] })).exit, EXIT.done);
  });
});

describe("commands by other ways", () => {
  it("sends who has no identity to where they have one", async () => {
    const bench = await RequestBench.open();
    const ask = { target: ["prod"], as: ["root"], for: ["5m"], reason: ["x"] };
    const { exit, said } = await refused(bench, "request", ask);
    assert.equal(exit, EXIT.denied);
    assert.match(said, /bascule cert issue/u);
    assert.equal((await refused(bench, "cert", {})).exit, EXIT.usage);
    const id = await bench.waiting("one");
    assert.equal((await refused(bench, "approve", { request: [id] })).exit, EXIT.denied);
    assert.match(await says(bench, "deny", { request: [id], ...why }), /is denied/u);
  });

  it("gives nobody a grant of their own accord", async () => {
    const bench = await RequestBench.open();
    const caller: Caller = { name: "alice", isAdmin: true, isAuditor: false, via: "ssh" };
    const values = { identity: ["alice"], target: ["prod"], login: ["root"], for: ["5m"], reason: ["x"] };
    assert.equal((await refused(bench, "cert issue", values, caller)).exit, EXIT.denied);
  });

  it("makes a token over ssh for what its holder names, and not for longer than an hour", async () => {
    const bench = await RequestBench.open();
    const { exit, stdout, stderr } = await ssh(bench.bench, "alice", "token --only request,cert --for 10m");
    assert.equal(exit, EXIT.done, stderr);
    const holder = await bench.control.tokens.verify(stdout.trim());
    assert.deepEqual(holder.ok && [holder.identity, holder.commands], ["alice", ["request", "cert"]]);
    assert.equal((await ssh(bench.bench, "alice", "token --for 2h")).exit, EXIT.usage);
    const unknown = await ssh(bench.bench, "alice", "token --only requets");
    assert.equal(unknown.exit, EXIT.usage);
    assert.match(unknown.stderr, /did you mean request\?/u);
  });
});
