import assert from "node:assert/strict";
import {
  openLedgerOn,
  type EntryCodec,
  type Ledger,
  type LedgerRecord,
} from "../../../../src/ledger/index.js";
import { QUEUE_ROWS_MAX } from "../../../../src/ledger/store/group-commit.js";
import { encodeRow } from "../../../../src/ledger/entry-row.js";
import { testSigner as signer } from "../../../harness/ledger-place.js";
import { MemoryDisk } from "./memory-disk.js";
import { MemoryStore } from "./memory-store.js";

const codec: EntryCodec<number> = {
  encode: (entry) => entry,
  decode: (value) => {
    if (typeof value !== "number" || value < 0) throw new TypeError("not an entry");
    return value;
  },
};

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

describe("ledger/store/ledger", () => {
  let store: MemoryStore;
  let appended: LedgerRecord<number>[];
  let clockMs: number;
  let ledger: Ledger<number>;
  let disk: MemoryDisk;

  const open = (on: MemoryStore): Promise<Ledger<number>> =>
    openLedgerOn(
      { store: on, disk, files: "/ledger", signer },
      { codec, nowMs: () => (clockMs += 0.6), onAppended: (record) => appended.push(record) },
    );

  beforeEach(async () => {
    store = new MemoryStore();
    disk = new MemoryDisk();
    appended = [];
    clockMs = 1000;
    ledger = await open(store);
  });
  afterEach(() => ledger.close());

  const fill = (count: number): Promise<number[]> =>
    Promise.all(Array.from({ length: count }, (_, n) => ledger.append(n * 10)));

  it("numbers entries from 0 in the order of the calls", async () => {
    assert.deepEqual(await fill(3), [0, 1, 2]);
    assert.equal(ledger.size, 3);
    assert.deepEqual(await collect(ledger.read(1)), [
      { index: 1, atMs: 1001, entry: 10 },
      { index: 2, atMs: 1001, entry: 20 },
    ]);
  });

  it("writes what one tick appends as one batch, and what comes meanwhile as the next", async () => {
    const hold = gate();
    store.gate = hold.promise;
    const first = fill(5);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const second = fill(7);
    hold.open();
    await Promise.all([first, second]);
    assert.deepEqual(store.batches, [5, 7]);
  });

  it("is not ahead of the disk: size, readers and resolved appends wait for the batch", async () => {
    const hold = gate();
    store.gate = hold.promise;
    let resolved = false;
    const done = ledger.append(1).then(() => (resolved = true));
    await new Promise((later) => setTimeout(later, 5));
    assert.equal(ledger.size, 0);
    assert.deepEqual(await collect(ledger.read()), []);
    assert.equal(resolved, false);
    hold.open();
    await done;
    assert.equal(ledger.size, 1);
  });

  it("tells onAppended of every entry, in order, before its append resolves", async () => {
    const seenAtResolve: number[] = [];
    await Promise.all(
      [4, 5, 6].map((entry) => ledger.append(entry).then(() => seenAtResolve.push(appended.length))),
    );
    assert.deepEqual(seenAtResolve, [3, 3, 3]);
    assert.deepEqual(appended, await collect(ledger.read()));
  });

  it("goes on counting after reopening", async () => {
    await fill(3);
    await ledger.close();
    ledger = await open(new MemoryStore(store.disk));
    assert.equal(await ledger.append(99), 3);
    assert.equal((await collect(ledger.read())).length, 4);
  });

  it("refuses what it could not read again, and goes on", async () => {
    await assert.rejects(ledger.append(-1), { code: "undecodable-entry" });
    await assert.rejects(ledger.append(NaN), { code: "not-json" });
    assert.equal(await ledger.append(1), 0);
  });

  for (const persisted of [false, true]) {
    it(`takes nothing more after a write that failed${persisted ? " but persisted" : ""}`, async () => {
      await ledger.append(1);
      store.fault = { error: new Error("EIO"), persisted };
      const failing = [ledger.append(2), ledger.append(3)];
      for (const append of failing) await assert.rejects(append, { code: "store-failed" });
      store.fault = undefined;
      await assert.rejects(ledger.append(4), { code: "store-failed" });
      assert.equal(ledger.size, 1);
      assert.equal(appended.length, 1);
      await ledger.close();

      ledger = await open(new MemoryStore(store.disk));
      assert.equal(ledger.size, persisted ? 3 : 1);
      assert.equal(await ledger.append(5), ledger.size - 1);
      assert.equal((await collect(ledger.read())).length, ledger.size);
    });
  }

  it("takes nothing more when its reader of appended entries fails", async () => {
    await ledger.close();
    const broken = new Error("fold");
    ledger = await openLedgerOn(
      { store, disk, files: "/ledger", signer },
      {
        codec,
        nowMs: () => 0,
        onAppended: () => {
          throw broken;
        },
      },
    );
    await assert.rejects(ledger.append(1), { code: "store-failed", cause: broken });
    await assert.rejects(ledger.append(2), { code: "store-failed" });
  });

  it("bounds what waits, and says when there is room", async () => {
    const hold = gate();
    store.gate = hold.promise;
    const all = fill(QUEUE_ROWS_MAX);
    await assert.rejects(ledger.append(1), { code: "queue-full" });
    const room = ledger.room();
    hold.open();
    await room;
    const next = ledger.append(1);
    await all;
    assert.equal(await next, QUEUE_ROWS_MAX);
  });

  it("wakes those who wait for room when the store fails", async () => {
    const hold = gate();
    store.gate = hold.promise;
    const all = fill(QUEUE_ROWS_MAX);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const refill = Promise.all(Array.from({ length: 1024 }, () => ledger.append(1)));
    const room = ledger.room();
    store.fault = { error: new Error("EIO"), persisted: false };
    hold.open();
    await assert.rejects(all, { code: "store-failed" });
    await assert.rejects(refill, { code: "store-failed" });
    await room;
  });

  it("closes once, after what was appended is durable, and then refuses", async () => {
    const last = ledger.append(1);
    await Promise.all([ledger.close(), ledger.close()]);
    assert.equal(await last, 0);
    assert.equal(store.disk.size, 1);
    await assert.rejects(ledger.append(2), { code: "closed" });
    await assert.rejects(collect(ledger.read()), { code: "closed" });
  });

  describe("damage", () => {
    const reopen = (): Promise<Ledger<number>> => open(new MemoryStore(store.disk));
    beforeEach(() => fill(1000));

    it("is seen on opening when an entry is missing from the tail", async () => {
      store.disk.delete(500);
      await assert.rejects(reopen(), { code: "missing-entry", index: 500 });
    });

    it("is seen on opening when the first is missing", async () => {
      store.disk.delete(0);
      await assert.rejects(reopen(), { code: "missing-entry", index: 0 });
    });

    it("is seen on opening when a byte of the tail changed", async () => {
      store.disk.get(999)![40]! ^= 1;
      await assert.rejects(reopen(), { code: "damaged-entry", index: 999 });
    });

    it("is seen when it is read, after everything before it was given", async () => {
      store.disk.get(300)![40]! ^= 1;
      const seen: number[] = [];
      await assert.rejects(
        (async () => {
          for await (const { index } of ledger.read(298)) seen.push(index);
        })(),
        { code: "damaged-entry", index: 300 },
      );
      assert.deepEqual(seen, [298, 299]);
    });

    it("is seen when another whole entry lies in its place", async () => {
      store.disk.set(300, encodeRow({ index: 301, atMs: 1, entry: 5 }, codec));
      await assert.rejects(collect(ledger.read()), { code: "damaged-entry", index: 300 });
    });
  });
});
