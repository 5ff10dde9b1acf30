import assert from "node:assert/strict";
import type { EntryStore, Row } from "../../../../src/ledger/index.js";

const row = (index: number): Row => ({ index, value: Buffer.from(`value ${index}`) });
const range = (from: number, to: number): Row[] => Array.from({ length: to - from }, (_, n) => row(from + n));

/** What every EntryStore must do. `open` opens the same place each time it is called, `clear` empties it. */
export function storeContract(name: string, open: () => Promise<EntryStore>, clear: () => void): void {
  describe(`ledger/store/contract: ${name}`, () => {
    let store: EntryStore;
    beforeEach(async () => {
      clear();
      store = await open();
    });
    afterEach(() => store.close());

    it("is empty at first", async () => {
      assert.equal(await store.last(), -1);
      assert.deepEqual(await store.read(0, 10), []);
    });

    it("returns rows in the order of their numbers, past every byte boundary", async () => {
      await store.write(range(0, 300));
      await store.write(range(65_530, 65_540));
      assert.equal(await store.last(), 65_539);
      assert.deepEqual(await store.read(250, 60), [...range(250, 300), ...range(65_530, 65_540)]);
    });

    it("returns no more rows than asked for, and begins at the number asked for", async () => {
      await store.write(range(0, 20));
      assert.deepEqual(await store.read(7, 3), range(7, 10));
      assert.deepEqual(await store.read(20, 3), []);
    });

    it("has what it acknowledged after closing and opening again", async () => {
      await store.write(range(0, 5));
      await store.write(range(5, 9));
      await store.close();
      store = await open();
      assert.equal(await store.last(), 8);
      assert.deepEqual(await store.read(0, 100), range(0, 9));
    });

    it("does not keep the caller's buffers", async () => {
      const value = Buffer.from("before");
      await store.write([{ index: 0, value }]);
      value.write("after!");
      assert.equal((await store.read(0, 1))[0]?.value.toString(), "before");
    });
  });
}
