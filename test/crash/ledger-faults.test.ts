import assert from "node:assert/strict";
import {
  openLedgerOn,
  parseCheckpoint,
  parseNote,
  type Ledger,
  type LedgerError,
  type NoteSignature,
} from "../../src/ledger/index.js";
import { checkLogFiles } from "../harness/check-log-files.js";
import { testSigner } from "../harness/ledger-place.js";
import { MemoryDisk } from "../unit/ledger/store/memory-disk.js";
import { MemoryStore } from "../unit/ledger/store/memory-store.js";
import { codec, textOf } from "./ledger-writer.js";

/** So near to a full tile that what follows fills it. */
const entriesBefore = 250;
/** A timer never comes in between: a step is made when the test makes it. */
const never = { everyMs: 1e9, gatherMs: 1e9, retryMs: 1e9, retryMsMax: 1e9 };

/** A machine: its disks, and what was promised on it. */
class Machine {
  readonly disk: MemoryDisk;
  readonly store: MemoryStore;
  /** The highest number that was acknowledged. */
  acknowledged = -1;
  /** The largest checkpoint that was told. */
  published = 0;
  failures: unknown[] = [];

  constructor(disk = new MemoryDisk(), store = new MemoryStore()) {
    this.disk = disk;
    this.store = store;
  }

  /** What another process finds when this one is killed, or after a power failure. */
  after(end: "kill" | "power-failure"): Machine {
    const next = new Machine(this.disk.copy(), new MemoryStore(new Map(this.store.disk)));
    if (end === "power-failure") next.disk.crash();
    next.acknowledged = this.acknowledged;
    next.published = this.published;
    return next;
  }

  async open(times = never): Promise<Ledger<string>> {
    const onPublished = (note: string): void => void (this.published = sizeOf(note));
    const { disk, store } = this;
    const ground = { disk, store, times, files: "/ledger", signer: testSigner };
    return await openLedgerOn(ground, { codec, nowMs: () => 7, onPublished });
  }

  /** Appends; what is acknowledged is held against it later. */
  async append(ledger: Ledger<string>, count: number): Promise<void> {
    const from = ledger.size;
    const ends = await Promise.allSettled(
      Array.from({ length: count }, (_, more) => ledger.append(textOf(from + more))),
    );
    for (const end of ends) {
      if (end.status === "fulfilled") this.acknowledged = Math.max(this.acknowledged, end.value);
      else this.failures.push(end.reason);
    }
  }

  async try(step: Promise<unknown>): Promise<void> {
    await step.catch((error: unknown) => this.failures.push(error));
  }

  /** All that a ledger does, from its opening on; the ledger, if it could be opened. */
  async work(): Promise<Ledger<string> | undefined> {
    let ledger: Ledger<string>;
    try {
      ledger = await this.open();
    } catch (error) {
      this.failures.push(error);
      return undefined;
    }
    await this.append(ledger, 3);
    await this.try(ledger.publish());
    const { text } = parseNote(ledger.checkpoint);
    await this.append(ledger, 7);
    await this.try(ledger.addCosignatures(text, [cosignature]));
    await this.try(ledger.publish());
    await this.try(ledger.publish());
    return ledger;
  }

  /** Opens what is there, and finds it whole; gives what is signed for then. */
  async check(where: string): Promise<void> {
    const ledger = await this.open();
    try {
      assert.ok(ledger.size > this.acknowledged, `${where}: ${this.acknowledged} was acknowledged`);
      let next = Math.max(0, this.acknowledged - 20); // what is older was there before, and is under the root
      for await (const { index, entry } of ledger.read(next)) {
        assert.equal(entry, textOf(index), where);
        next += 1;
      }
      assert.equal(next, ledger.size, where);
      assert.ok(sizeOf(ledger.checkpoint) >= this.published, `${where}: a checkpoint was rolled back`);
      await this.append(ledger, 1);
      await ledger.publish();
      const { size } = await this.files();
      assert.equal(size, ledger.size, where);
    } finally {
      await ledger.close();
    }
  }

  files() {
    return checkLogFiles((path) => this.disk.read(`/ledger/${path}`), testSigner.verifier);
  }
}

/** By a witness whose word nobody checks here. */
const cosignature: NoteSignature = {
  ...{ name: "witness", keyId: Buffer.from("0badcafe", "hex") },
  signature: Buffer.alloc(72, 1),
};

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note).text).size;
}

describe("crash/ledger storage faults", function () {
  let begun: Machine;
  before(async () => {
    begun = new Machine();
    const ledger = await begun.open();
    await begun.append(ledger, entriesBefore);
    await ledger.close();
  });

  const machines = {
    "a new ledger": () => new Machine(),
    "a ledger of many entries": () => begun.after("kill"),
  };

  for (const [name, machine] of Object.entries(machines))
    for (const how of ["failed", "persisted"] as const)
      it(`${name}: loses nothing when any one call to the file system ${how === "failed" ? "failed" : "failed but persisted"}`, async () => {
        const whole = machine();
        await (await whole.work())?.close();
        assert.deepEqual(whole.failures, []);
        const { calls } = whole.disk;
        assert.ok(calls > 40, `only ${calls} calls`);
        let seen = 0;
        for (let at = 0; at < calls; at += 1) {
          const faulty = machine();
          faulty.disk.fault = { at, how, code: at % 2 === 0 ? "ENOSPC" : "EIO" };
          const ledger = await faulty.work();
          const where = `call ${at}, ${faulty.disk.log[at] ?? ""}`;
          seen += faulty.failures.length;
          for (const end of ["kill", "power-failure"] as const)
            await faulty.after(end).check(`${where}, ${end}`);
          await ledger?.close();
          if (ledger !== undefined) assert.equal((await faulty.files()).size, ledger.size, where);
        }
        assert.ok(seen > calls / 2, `only ${seen} failures in ${calls} calls`);
      });

  it("loses nothing when the process or the power fails between any two calls", async () => {
    const whole = begun.after("kill");
    await whole.work().then((ledger) => ledger?.close());
    for (let at = 0; at < whole.disk.calls; at += 1) {
      const broken = begun.after("kill");
      broken.disk.brokenFrom = at;
      const ledger = await broken.work();
      for (const end of ["kill", "power-failure"] as const)
        await broken.after(end).check(`call ${at}, ${end}`);
      await ledger?.close();
    }
  });

  for (const persisted of [false, true])
    for (const batch of [0, 1])
      it(`loses nothing when batch ${batch} of the journal failed${persisted ? " but persisted" : ""}`, async () => {
        const faulty = begun.after("kill");
        faulty.store.faultAt = { batch, error: new Error("EIO"), persisted };
        const ledger = await faulty.work();
        const [failure] = faulty.failures;
        assert.equal((failure as LedgerError).code, "store-failed");
        for (const end of ["kill", "power-failure"] as const) await faulty.after(end).check(end);
        await ledger?.close();
        assert.ok(faulty.published <= faulty.acknowledged + 1, "nothing is signed that was not acknowledged");
      });

  it("takes entries while no checkpoint can be written, says so, and catches up by itself", async () => {
    const machine = begun.after("kill");
    const ledger = await machine.open({ everyMs: 1, gatherMs: 1, retryMs: 1, retryMsMax: 2 });
    machine.disk.broken = "ENOSPC";
    await machine.append(ledger, 20);
    await until(() => (ledger.publishing.failure?.attempts ?? 0) > 2);
    assert.equal(ledger.publishing.size, entriesBefore);
    assert.ok(ledger.publishing.waitedMs > 0);
    await machine.append(ledger, 20);
    assert.deepEqual(machine.failures, []);
    machine.disk.broken = undefined;
    await until(() => ledger.publishing.size === entriesBefore + 40);
    const { size, waitedMs, failure } = ledger.publishing;
    assert.deepEqual([size, waitedMs, failure], [entriesBefore + 40, 0, undefined]);
    await ledger.close();
    await machine.check("afterwards");
  });
});

/** Polls: nothing here depends on how long it takes. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((later) => setTimeout(later, 1));
}
