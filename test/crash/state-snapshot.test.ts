import assert from "node:assert/strict";
import { inOrder, life } from "../unit/access/lives.js";
import { StateMachine, statePath } from "../unit/control/state-machine.js";

describe("crash/state-snapshot", function () {
  this.timeout(60_000);
  let kept: StateMachine;
  /** What is true by all entries that `work` leaves, and how many calls its opening makes. */
  let expected: { readonly state: unknown; readonly first: number };
  before(async () => {
    kept = await new StateMachine().open();
    await kept.append(life(1));
    await kept.keepState();
    await kept.append(life(2));
    await kept.close();
    const whole = await kept.after("kill").open();
    const first = whole.disk.calls;
    await whole.append(life(3));
    expected = { first, state: inOrder(await whole.replayed()) };
    await whole.close();
  });

  /** Goes on from an older snapshot: some entries more, a newer one. */
  async function work(machine: StateMachine): Promise<void> {
    await machine.open();
    await machine.append(life(3));
    await machine.keepState();
  }

  /** Opens what is there; the state must be what the entries say. Tells how many of them it had from a snapshot. */
  async function checkState(machine: StateMachine, where: string): Promise<number> {
    await machine.open();
    assert.deepEqual(inOrder(machine.derived.state), expected.state, where);
    assert.equal(machine.derived.size, machine.ledger.size, where);
    await machine.close();
    return machine.how.snapshot;
  }

  for (const how of ["failed", "persisted"] as const)
    it(`has the same state when any one step of writing it ${how === "failed" ? "failed" : "failed but persisted"}`, async () => {
      const { first } = expected;
      const written = kept.after("kill");
      await work(written);
      const { calls, log } = written.disk;
      const steps = log.slice(first).filter((call) => call.includes(statePath));
      assert.deepEqual(
        [...new Set(steps.map((call) => call.split(" ")[0]))],
        ["create", "write", "sync", "rename"],
      );
      const used = new Set<number>();
      let failures = 0;
      for (let at = first; at < calls; at += 1) {
        const faulty = kept.after("kill");
        faulty.disk.fault = { at, how, code: at % 2 === 0 ? "ENOSPC" : "EIO" };
        await work(faulty);
        failures += faulty.said.filter((line) => line.startsWith("state snapshot not written")).length;
        const call = log[at] ?? "";
        const isOwn = call.includes(statePath) || call === "syncFolder /home"; // the others are the checkpoint's: crash/ledger-faults has them
        for (const end of isOwn ? (["kill", "power-failure"] as const) : (["power-failure"] as const))
          used.add(await checkState(faulty.after(end), `call ${at}, ${call}, ${end}`));
        await faulty.close();
      }
      assert.deepEqual(
        [...used].sort((a, b) => a - b),
        [life(1).length, 3 * life(1).length],
      );
      assert.ok(failures > steps.length / 2, `only ${failures} failures in ${steps.length} steps`);
    });

  it("has the same state when the process or the power fails between any two steps", async () => {
    const whole = kept.after("kill");
    await work(whole);
    const used = new Set<number>();
    for (let at = expected.first; at < whole.disk.calls; at += 1) {
      const broken = kept.after("kill");
      broken.disk.brokenFrom = at;
      await work(broken);
      for (const end of ["kill", "power-failure"] as const)
        used.add(await checkState(broken.after(end), `call ${at}, ${end}`));
    }
    assert.ok(used.has(life(1).length), "the one before stays until there is another");
  });

  it("uses no file with one bit changed, cut short, or with more behind it", async () => {
    const machine = await new StateMachine().open();
    await machine.append(life(1).slice(0, 4));
    await machine.keepState();
    const whole = (await machine.disk.read(statePath)) ?? Buffer.of();
    const takes = async (bytes: Buffer): Promise<boolean> => {
      machine.disk.put(statePath, bytes);
      return (await machine.snapshots.read(machine.ledger)).ok;
    };
    assert.ok(await takes(whole), "it is taken as it was written");
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      assert.ok(!(await takes(changed)), `bit ${at % 8} of byte ${at}`);
      if (at % 7 === 0) assert.ok(!(await takes(whole.subarray(0, at))), `${at} bytes`);
    }
    for (const more of ["\n", "\0", "{}\n"])
      assert.ok(!(await takes(Buffer.concat([whole, Buffer.from(more)]))));
    await machine.close();
  });
});
