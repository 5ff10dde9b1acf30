import assert from "node:assert/strict";
import { approvalUser, type RequestId } from "../../../src/access/index.js";
import { sshRunner } from "../../../src/commands/serving.js";
import { EXIT } from "../../../src/commands/index.js";
import { RequestBench } from "../control/request-bench.js";
import { FakeCarried } from "./fake-carried.js";

const size = { columns: 100, rows: 30 };
const PROMPT = /q quit\n> $/u;

interface Open {
  readonly bench: RequestBench;
  readonly menu: FakeCarried;
  readonly ended: Promise<number>;
  /** What the first screen showed. */
  readonly first: string;
}

async function open(who: string, before?: (bench: RequestBench) => Promise<unknown>): Promise<Open> {
  const bench = await RequestBench.open();
  await before?.(bench);
  const menu = new FakeCarried(bench.bench, who, { terminal: size });
  const ended = sshRunner(bench.control)(menu);
  return { bench, menu, ended, first: await menu.said(PROMPT) };
}

describe("commands/menu", () => {
  it("shows grants with their clocks, what waits, and where one may ask to be let in", async () => {
    const { first, menu, ended } = await open("zoe", async (bench) => {
      await bench.granted({ identity: "zoe", durationMs: 20 * 60_000 });
      await bench.waiting("two", { reason: "INC-43 the disk is full" });
    });
    assert.match(first, /^bastion: you are zoe, in engineers, approvers /u);
    assert.match(first, /Your grants\n {2}grt-\w+ {2}prod as root {2}live, 20m left\n/u);
    assert.match(
      first,
      /Waiting for you\n {2}1 {2}alice {2}prod as root for 30m {2}INC-43 the disk is full\n/u,
    );
    assert.match(first, /You may ask for\n {2}2 {2}prod {2}postgres, root\n/u);
    menu.type("q");
    assert.equal(await ended, EXIT.done);
  });

  it("asks for a target line by line, and shows the request", async () => {
    const { bench, menu, ended } = await open("alice");
    menu.type("1\r");
    await menu.said(/As whom on prod \[postgres\]\? $/u);
    menu.type("rott\u007f\u007f\u007foot\r");
    await menu.said(/For how long \[30m\]\? $/u);
    menu.type("5m\r");
    await menu.said(/Why\? $/u);
    menu.type("it can't replicate\r");
    const shown = await menu.said(PROMPT);
    const [grant] = bench.control.state.grants.values();
    assert.deepEqual([grant?.grant.logins, grant?.grant.reason], [["root"], "it can't replicate"]);
    assert.match(shown, /Your grants\n {2}grt-\w+ {2}prod as root {2}live, 5m left/u);
    menu.type("c");
    assert.match(await menu.said(PROMPT), /ssh-ed25519-cert-v01@openssh\.com [^]*ssh bastion cert > ~/u);
    menu.type("\u0004");
    assert.equal(await ended, EXIT.done);
  });

  it("approves and denies what waits, by its number", async () => {
    const ids: RequestId[] = [];
    const { bench, menu, ended } = await open("carol", async (desk) => {
      ids.push(await desk.waiting("one"), await desk.waiting("two", { identity: "zoe" }));
    });
    menu.type("2\r");
    await menu.said(/a approve, d deny, Enter back: $/u);
    menu.type("d\r");
    await menu.said(/Why not\? $/u);
    menu.type("not today\r");
    await menu.said(PROMPT);
    menu.type("1\r");
    assert.ok((await menu.said(/Enter back: $/u)).includes("INC-42 replication stuck"));
    menu.type("a\r");
    await menu.said(PROMPT);
    const outcomes = ids.map((id) => bench.stateOf(id).outcome?.kind);
    assert.deepEqual(outcomes, ["granted", "denied"]);
    menu.type("\u0003");
    assert.equal(await ended, EXIT.interrupted);
  });

  it("gives the line to paste where a role wants it signed, and does not approve by a key", async () => {
    const { bench, menu } = await open("carol", (desk) => desk.waiting("signed"));
    menu.type("1\r");
    const shown = await menu.said(/d deny, Enter back: $/u);
    const [held] = bench.control.state.requests.values();
    assert.ok(held && shown.includes(`ssh ${approvalUser(held.request)}@bastion`));
    menu.type("a\r");
    await menu.said(PROMPT);
    assert.equal(bench.control.state.openRequests.size, 1);
  });

  it("goes back to the menu on ^C of a question, and draws anew for another width", async () => {
    const { menu } = await open("alice");
    menu.type("1\r");
    await menu.said(/As whom/u);
    menu.type("\u0003");
    await menu.said(PROMPT);
    menu.type("12");
    menu.resize(30, 20);
    const narrow = await menu.said(/> 12$/u);
    assert.ok(
      narrow.split("\n").every((line) => Array.from(line).length <= 30),
      narrow,
    );
    menu.type("\r");
    assert.match(await menu.said(PROMPT_NARROW), /There is no choice 12\./u);
  });

  it("ends when the certificate that opened it is locked, revoked or over", async () => {
    const ends: readonly ((desk: RequestBench, serial: string) => unknown)[] = [
      ({ control }, name) => control.cuts.lock({ kind: "serial", name }, "admin@local", "copied"),
      ({ control }, serial) => control.cuts.revokeCertificate({ serial }, "admin@local", "copied"),
      ({ clocks }) => clocks.pass(31 * 60_000),
    ];
    for (const end of ends) {
      const bench = await RequestBench.open();
      await bench.granted();
      const certified = await bench.control.grants.certify({ identity: "alice", by: "alice" });
      assert.ok(certified.ok);
      const { serial } = certified;
      const menu = new FakeCarried(bench.bench, "alice", { terminal: size, serial });
      const ended = sshRunner(bench.control)(menu);
      await menu.said(PROMPT);
      await end(bench, serial);
      menu.type("c");
      assert.equal(await ended, EXIT.denied);
      assert.doesNotMatch(menu.stdout, /-cert-v01@/u);
    }
  });

  it("draws nothing for who is locked when their window changes, and harms nobody else", async () => {
    const { bench, menu, ended } = await open("carol", (desk) => desk.waiting("one"));
    await bench.control.cuts.lock({ kind: "identity", name: "carol" }, "admin@local", "laptop stolen");
    menu.resize(50, 20);
    await new Promise((drawn) => setTimeout(drawn, 200));
    assert.doesNotMatch(menu.stdout, /Waiting for you/u);
    menu.type("r");
    assert.equal(await ended, EXIT.denied);
  });

  it("ends for who is locked while it stands open, and for who is gone", async () => {
    const { bench, menu, ended } = await open("carol", (desk) => desk.waiting("one"));
    await bench.control.cuts.lock({ kind: "identity", name: "carol" }, "admin@local", "laptop stolen");
    menu.type("r");
    assert.equal(await ended, EXIT.denied);
    const other = await open("alice");
    other.menu.leave();
    assert.equal(await other.ended, EXIT.done);
  });
});

/** The line of keys is cut in a narrow window. */
const PROMPT_NARROW = /…\n> $/u;
