import assert from "node:assert/strict";
import { runCommand } from "../../../src/commands/serving.js";
import { EXIT, type Caller, type CommandOutcome } from "../../../src/commands/index.js";
import { Bench, MovedClocks, prove } from "../control/bench.js";

const MINUTE = 60_000;
const local: Caller = { name: "admin@local", isAdmin: true, isAuditor: true, via: "local" };
const root: Caller = { name: "root", isAdmin: true, isAuditor: false, via: "http" };
const ruth: Caller = { ...root, name: "ruth" };
const carol: Caller = { name: "carol", isAdmin: false, isAuditor: true, via: "http" };
const alice: Caller = { name: "alice", isAdmin: false, isAuditor: false, via: "http" };

type Values = Readonly<Record<string, readonly string[]>>;
const why = { reason: ["case 7"] };

/** Admins root and ruth, auditor carol; `whenFull` is what the configuration says. */
async function open(whenFull: "refuse" | "two-people" = "two-people"): Promise<[Bench, MovedClocks]> {
  const clocks = new MovedClocks();
  const people = { root: "platform", ruth: "platform", carol: "auditors" };
  const identities = Object.entries(people)
    .map(([name, group]) => `  ${name}: { groups: [${group}], keys: ["KEY(${name})"] }\n`)
    .join("");
  const top = `admins: [platform]\nauditors: [auditors]\ndisk: { whenFull: ${whenFull} }\n`;
  return [await Bench.open({ clocks, more: { identities, top } }), clocks];
}

function run(bench: Bench, command: string, values: Values, caller: Caller): Promise<CommandOutcome> {
  const { signal } = new AbortController();
  const context = { control: bench.control, caller, note: () => undefined, program: "bascule", signal };
  return runCommand(context, { command, values });
}

async function says(bench: Bench, command: string, values: Values = {}, caller = local): Promise<string> {
  const outcome = await run(bench, command, values, caller);
  assert.ok(outcome.ok, outcome.ok ? "" : outcome.message);
  return outcome.text;
}

/** Exit status and words of a refusal. */
async function refused(bench: Bench, command: string, values: Values, caller: Caller) {
  const outcome = await run(bench, command, values, caller);
  assert.ok(!outcome.ok);
  return [outcome.exit, `${outcome.message}\n${outcome.hint ?? ""}`] as const;
}

async function isRefused(done: ReturnType<typeof refused>, exit: number, words: RegExp): Promise<void> {
  const [status, said] = await done;
  assert.equal(status, exit, said);
  assert.match(said, words);
}

describe("commands/hold", () => {
  it("holds by a bare name, lists who and why, and is released with a reason", async () => {
    const [bench] = await open();
    const [, hold = ""] = /^(hld-\w+): identity alice is held/u.exec(
      await says(bench, "hold", { name: ["alice"], ...why }, carol),
    ) ?? [""];
    assert.match(await says(bench, "holds"), /identity alice {2}carol .* case 7/u);
    assert.match(
      await says(bench, "release", { hold: [hold], reason: ["closed"] }, carol),
      /is released\.\n$/u,
    );
    assert.equal(await says(bench, "holds"), "Nothing is held.\n");
    assert.match(await says(bench, "holds", { all: ["true"] }), /released by carol: closed/u);
    await isRefused(refused(bench, "release", { hold: [hold], ...why }, carol), EXIT.failed, /before/u);
  });

  it("says what still holds a session when one of its holds is released", async () => {
    const [bench] = await open();
    const { blob } = await bench.issue();
    const opened = await (await bench.proxy()).open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    const { session } = opened;
    const holdOn = async (name: string) =>
      /^hld-\w+/u.exec(await says(bench, "hold", { name: [name], ...why }))?.[0] ?? "";
    const [one, other] = [await holdOn(session), await holdOn("alice")];
    const said = await says(bench, "release", { hold: [one], ...why });
    assert.equal(said, `${one}: ${session} is released. It is still held by ${other}.\n`);
    assert.match(
      await says(bench, "show", { id: [session] }),
      new RegExp(`held +${other} by admin@local: case 7`),
    );
  });

  it("is on whoever and whatever is named, known or not, and on one thing only", async () => {
    const [bench] = await open();
    await says(bench, "hold", { target: ["torn-down"], ...why });
    await says(bench, "hold", { identity: ["left-long-ago"], ...why });
    await isRefused(
      refused(bench, "hold", { name: ["eve"], ...why }, local),
      EXIT.notFound,
      /--identity eve/u,
    );
    const both = { identity: ["alice"], target: ["prod"], ...why };
    await isRefused(refused(bench, "hold", both, local), EXIT.usage, /one of/u);
    await isRefused(refused(bench, "hold", { name: ["alice"] }, local), EXIT.usage, /reason/u);
    await isRefused(refused(bench, "hold", { name: ["alice"], ...why }, alice), EXIT.notPermitted, /./u);
  });

  it("is an auditor's to release; an admin releases only their own, and nobody one on themselves", async () => {
    const [bench] = await open();
    const idOf = async (values: Values, by: Caller) =>
      /^hld-\w+/u.exec(await says(bench, "hold", { ...values, ...why }, by))?.[0] ?? "";
    const onRoot = await idOf({ identity: ["root"] }, ruth);
    const onAlice = await idOf({ identity: ["alice"] }, carol);
    const release = (hold: string, by: Caller) => refused(bench, "release", { hold: [hold], ...why }, by);
    await isRefused(release(onRoot, root), EXIT.notPermitted, /your own sessions/u);
    await isRefused(release(onAlice, ruth), EXIT.notPermitted, /an auditor releases any hold/u);
    await isRefused(release(onAlice, local), EXIT.notPermitted, /an auditor releases any hold/u);
    await says(bench, "release", { hold: [onRoot], ...why }, ruth);
    await says(bench, "release", { hold: [onAlice], ...why }, carol);
  });
});

describe("commands/disk-override", () => {
  const ask = { for: ["30m"], reason: ["outage"] };
  const approve = (said: string) => ({ verb: ["approve"], id: [/ovr-\w+/u.exec(said)?.[0] ?? "ovr-0000"] });

  it("takes two admins with names, in time, and ends when it was said to", async () => {
    const [bench, clocks] = await open();
    const override = (values: Values, by: Caller) => refused(bench, "disk override", values, by);
    await isRefused(override(approve(""), ruth), EXIT.notFound, /nobody asks/u);
    await isRefused(override(ask, local), EXIT.notPermitted, /two admins with names/u);
    await isRefused(override(ask, carol), EXIT.notPermitted, /./u);
    const wish = approve(await says(bench, "disk override", ask, root));
    const shown = await says(bench, "disk show");
    assert.match(shown, /root asks since .* for 30m of .*: outage\n.*disk override approve ovr-/u);
    await isRefused(override(wish, root), EXIT.notPermitted, /another admin has to give it/u);
    await isRefused(override(wish, local), EXIT.notPermitted, /two admins with names/u);
    clocks.pass(60 * MINUTE);
    await isRefused(override(wish, ruth), EXIT.notFound, /not any more/u);
    await says(bench, "disk override", approve(await says(bench, "disk override", ask, root)), ruth);
    assert.match(await says(bench, "disk show"), /asked by root, given by ruth until .*: outage/u);
    await isRefused(override(ask, ruth), EXIT.failed, /in force/u);
    clocks.pass(30 * MINUTE);
    assert.doesNotMatch(await says(bench, "disk show"), /given by/u);
  });

  it("is ended early by any admin, and what waits is taken back", async () => {
    const [bench] = await open();
    const end = { verb: ["end"] };
    await isRefused(refused(bench, "disk override", end, ruth), EXIT.notFound, /no override/u);
    const wish = approve(await says(bench, "disk override", ask, root));
    await says(bench, "disk override", end, ruth);
    await isRefused(refused(bench, "disk override", wish, ruth), EXIT.notFound, /nobody asks/u);
  });

  it("is a yes to the wish that was read, not to another that took its place", async () => {
    const [bench] = await open();
    const read = approve(await says(bench, "disk override", ask, root));
    await says(bench, "disk override", { for: ["1d"], reason: ["and more"] }, root);
    await isRefused(refused(bench, "disk override", read, ruth), EXIT.notFound, /not any more/u);
    const bare = refused(bench, "disk override", { verb: ["approve"] }, ruth);
    await isRefused(bare, EXIT.usage, /ovr-… is missing/u);
  });

  it("takes no word of somebody whose key the policy does not know: one admin would be two", async () => {
    const [bench] = await open();
    const stranger = `SHA256:${"A".repeat(43)}`;
    const as = (caller: Caller) => ({ ...caller, fingerprint: stranger });
    const wish = approve(await says(bench, "disk override", ask, root));
    const { keys } = bench.control.policy.identities.get("ruth") ?? { keys: [] };
    for (const [command, values] of [
      ["disk override", wish],
      ["release", { hold: ["hld-0000"], ...why }],
      ["redact", { session: ["ses-0000"], blocks: ["2"], ...why }],
      ["approve", { request: ["red-0000"] }],
      ["review", { grant: ["grt-0000"], comment: ["x"] }],
    ] as const)
      await isRefused(refused(bench, command, values, as(ruth)), EXIT.notPermitted, /anybody's word/u);
    await says(bench, "disk override", wish, { ...ruth, fingerprint: keys[0]?.fingerprint ?? "" });
  });

  it("is asked for again as soon as its time is over, before that was written down", async () => {
    const [bench, clocks] = await open();
    await says(bench, "disk override", approve(await says(bench, "disk override", ask, root)), ruth);
    clocks.pass(30 * MINUTE);
    await says(bench, "disk override", ask, ruth);
    assert.match(await says(bench, "disk show"), /ruth asks since/u);
  });

  it("is not there where the configuration says to refuse", async () => {
    const [bench] = await open("refuse");
    const done = refused(bench, "disk override", ask, root);
    await isRefused(done, EXIT.notPermitted, /the configuration says disk\.whenFull: refuse/u);
    assert.match(await says(bench, "disk show"), /when full: refuse/u);
  });

  it("is no wish without a time or a reason, for more than a day, or with a reason for a yes", async () => {
    const [bench] = await open();
    for (const values of [
      { reason: ["x"] },
      { for: ["30m"] },
      { for: ["25h"], reason: ["x"] },
      { ...approve(""), reason: ["x"] },
    ])
      await isRefused(refused(bench, "disk override", values, root), EXIT.usage, /--for|--reason/u);
  });
});
