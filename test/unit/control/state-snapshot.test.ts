import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newId, type AccessEvent } from "../../../src/access/index.js";
import { codeDigest, ownCodeDigest } from "../../../src/control/state-snapshot/code-digest.js";
import { encodeSnapshotHead, openSnapshotHead } from "../../../src/control/state-snapshot/snapshot-head.js";
import { treeAt } from "../../../src/control/state-snapshot/tree-at.js";
import { generateSigner, leafHash, LedgerError, type Signer } from "../../../src/ledger/index.js";
import { bytesOf, rowValue } from "../../../src/ledger/entry-row.js";
import { testSigner } from "../../harness/ledger-place.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { inOrder, life } from "../access/lives.js";
import { locked } from "../access/sample.js";
import { StateMachine, statePath } from "./state-machine.js";

const lock = (n: number): AccessEvent => locked("identity", `person-${n}`);
const locks = (from: number, to: number): AccessEvent[] =>
  Array.from({ length: to - from }, (_, n) => lock(from + n));

/** A machine that has kept its state after 300 entries; `more` came later. */
async function keptMachine(first = locks(0, 300), more: readonly AccessEvent[] = []): Promise<StateMachine> {
  const machine = await new StateMachine().open();
  await machine.append(first);
  await machine.keepState();
  await machine.append(more);
  await machine.close();
  return machine;
}

/** Opens; the state must be what the entries say. */
async function opened(machine: StateMachine): Promise<StateMachine> {
  await machine.open();
  assert.deepEqual(inOrder(machine.derived.state), inOrder(await machine.replayed()));
  assert.equal(machine.derived.size, machine.ledger.size);
  return machine;
}

async function snapshotOf(machine: StateMachine): Promise<Buffer> {
  return (await machine.disk.read(statePath)) ?? assert.fail("no snapshot");
}

/** The snapshot with a head of ours. */
async function withHead(
  machine: StateMachine,
  changes: object,
  signer: Signer = testSigner,
): Promise<Buffer> {
  const whole = await snapshotOf(machine);
  const at = whole.lastIndexOf("\nbascule-state/v1\n") + 1;
  const head = { ...openSnapshotHead(whole.subarray(at), testSigner.verifier), ...changes };
  return Buffer.concat([whole.subarray(0, at), Buffer.from(encodeSnapshotHead(head, signer))]);
}

describe("control/state-snapshot", () => {
  it("goes on from it, and folds only what came later", async () => {
    const machine = await opened((await keptMachine(locks(0, 300), locks(300, 310))).after("kill"));
    const { snapshot, folded, refused } = machine.how;
    assert.deepEqual({ snapshot, folded, refused }, { snapshot: 300, folded: 10, refused: undefined });
    assert.deepEqual(machine.said, ["state taken from its snapshot"]);
    await machine.append(locks(310, 320));
    assert.deepEqual(inOrder(machine.derived.state), inOrder(await machine.replayed()));
    await machine.close();
  });

  it("tells of impossible entries behind it only: of those before it was told", async () => {
    const grant = newId("grt", Buffer.alloc(8));
    const never: AccessEvent = { type: "grant.revoked", grant, by: "bob", reason: "never issued" };
    const machine = (await keptMachine([lock(1), never], [lock(2), never])).after("kill");
    await opened(machine);
    assert.deepEqual(machine.impossible, [3]);
    await machine.close();
  });

  const forger = generateSigner(testSigner.verifier.name);
  const refusals: readonly (readonly [
    what: string,
    change: (machine: StateMachine) => Promise<void>,
    reason: string,
  ])[] = [
    ["that is not there", (machine) => machine.disk.remove(statePath), "absent"],
    [
      "that somebody else signed by the same name",
      async (machine) => machine.disk.put(statePath, await withHead(machine, {}, forger)),
      "unsigned",
    ],
    [
      "of another ledger",
      async (machine) => machine.disk.put(statePath, await withHead(machine, { origin: "bastion/00000001" })),
      "unsigned",
    ],
    [
      "of other code",
      async (machine) => machine.disk.put(statePath, await withHead(machine, { code: "0".repeat(64) })),
      "other-code",
    ],
    [
      "with another root",
      async (machine) =>
        machine.disk.put(statePath, await withHead(machine, { root: leafHash(Buffer.of()) })),
      "other-tree",
    ],
    [
      "of another size",
      async (machine) => machine.disk.put(statePath, await withHead(machine, { size: 299 })),
      "other-tree",
    ],
    [
      "of more entries than there are",
      async (machine) => machine.disk.put(statePath, await withHead(machine, { size: 311 })),
      "ahead",
    ],
    [
      "with another body",
      async (machine) => machine.disk.put(statePath, await withHead(machine, { hash: "0".repeat(64) })),
      "damaged",
    ],
    [
      "that the disk cannot give",
      async (machine) => {
        machine.disk.openToRead = () => Promise.reject(new Error("EIO"));
        return Promise.resolve();
      },
      "unreadable",
    ],
  ];
  for (const [what, change, reason] of refusals)
    it(`reads every entry instead of one ${what}`, async () => {
      const machine = (await keptMachine(locks(0, 300), locks(300, 310))).after("kill");
      await change(machine);
      await opened(machine);
      assert.deepEqual([machine.how.snapshot, machine.how.folded, machine.how.refused], [0, 310, reason]);
      assert.deepEqual(machine.said, ["state snapshot not used; every entry is read"]);
      await machine.close();
    });

  it("takes none of a ledger that was forked, not even when its tiles are put in the place of our own", async () => {
    const [ours, fork] = [await keptMachine(locks(0, 256)), await keptMachine(locks(0, 256))];
    for (const [machine, from] of [
      [ours, 1000],
      [fork, 2000],
    ] as const) {
      await machine.open();
      await machine.append(locks(from, from + 44));
      if (machine === fork) await machine.keepState();
      await machine.append(locks(from + 44, from + 400)); // so that the tile of the fork's size is full
      await machine.close();
    }
    const machine = ours.after("kill");
    machine.disk.put(statePath, await snapshotOf(fork));
    assert.equal((await opened(machine)).how.refused, "other-tree");
    await machine.close();
    const lied = ours.after("kill");
    lied.disk.put(statePath, await snapshotOf(fork));
    const tile = "/home/ledger/tile/0/001";
    lied.disk.put(tile, (await fork.disk.read(tile)) ?? assert.fail("no tile"));
    assert.equal((await opened(lied)).how.refused, "other-tree");
    await lied.close();
  });

  it("goes on with entries only that, with the tree before them, make the root that was signed", async () => {
    const machine = (await keptMachine(locks(0, 300), locks(300, 1000))).after("kill");
    await opened(machine);
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const { index } of machine.ledger.readBehind(await treeAt(machine.ledger, 300)))
        assert.equal(index, 300 + count++);
      return count;
    };
    assert.equal(await read(), 700);
    const row = machine.store.disk.get(400) ?? assert.fail("no row");
    const other = bytesOf(row).toString().replace("person-400", "person-401");
    machine.store.disk.set(400, rowValue(Buffer.from(other))); // with its own hash
    await assert.rejects(read(), (error) => error instanceof LedgerError && error.code === "root-mismatch");
    await machine.close();
  });

  it("is written each time that so many entries came, without what came while it was written", async () => {
    const machine = await new StateMachine().open();
    machine.times.everyEntries = 200;
    machine.begin();
    await machine.append(life(1));
    await machine.append(locks(0, 200 - life(1).length));
    while (machine.said.length === 0) await machine.append([lock(1000)]);
    assert.deepEqual(machine.said, ["state snapshot written"]);
    await machine.close();
    const next = await opened(machine.after("power-failure"));
    assert.ok(next.how.snapshot >= 200 && next.how.snapshot < 600, `of ${next.how.snapshot}`);
    await next.close();
  });

  it("is written after a start that had to read many", async () => {
    const machine = await new StateMachine().open();
    await machine.append(locks(0, 50));
    await machine.close();
    const next = await machine.after("kill").open();
    next.times.worthEntries = 50;
    next.begin();
    await next.snapshots.stop();
    assert.equal((await opened(next.after("kill"))).how.snapshot, 50);
    await next.close();
  });

  it("is not written onto a disk that is full, and not again at once onto one that fails", async () => {
    const machine = await new StateMachine().open();
    machine.times.everyEntries = 10;
    machine.begin();
    await machine.append([
      { type: "disk.state", state: "full", where: "home", freeBytes: 1 },
      ...locks(0, 30),
    ]);
    assert.equal(
      machine.disk.log.filter((call) => call.includes(statePath)).length,
      1,
      "only the removal at the start",
    );
    await machine.append([{ type: "disk.state", state: "ok", where: "home", freeBytes: 1 }]);
    machine.disk.broken = "ENOSPC";
    await machine.append(locks(40, 60));
    while (machine.said.length === 0) await new Promise(setImmediate);
    await machine.append(locks(60, 62));
    assert.deepEqual(machine.said, ["state snapshot not written; a start takes longer"]);
    machine.disk.broken = undefined;
    await machine.close();
  });

  it("gives others their turn after each piece", async () => {
    const machine = await new StateMachine().open();
    await machine.append(locks(0, 128 * 8));
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await machine.keepState();
    isOver = true;
    assert.ok(turns >= 8, `${turns} turns`);
    await machine.close();
  });

  it("names the code by all of it, and by nothing else in its folder", () => {
    const folder = temporaryFolder("code");
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return codeDigest(folder);
    };
    const first = write("a.js", "1");
    assert.equal(write("a.js.map", "7"), first);
    const digests = new Set([
      first,
      write("b.js", ""),
      write("a.js", "2"),
      write("b.js", "2"),
      write("a.js", "1"),
    ]);
    assert.equal(digests.size, 5);
    assert.match(ownCodeDigest(), /^[0-9a-f]{64}$/u);
    assert.throws(() => codeDigest(temporaryFolder("none")), TypeError);
  });
});
