import assert from "node:assert/strict";
import fc from "fast-check";
import { Frontier, frontierOf, rootOf } from "../../../../src/ledger/index.js";
import { TiledLog } from "../../../harness/tiled-log.js";
import { mth } from "./naive-tree.js";

const log = TiledLog.of(1100);
const size = fc.integer({ min: 0, max: 1100 });

describe("ledger/tree/frontier", () => {
  it("has the root of a naive tree at every size, whether it grew or came from tiles", async () => {
    await fc.assert(
      fc.asyncProperty(size, async (count) => {
        const root = mth(log.leaves.slice(0, count));
        assert.deepEqual(log.root(count), root);
        assert.deepEqual(await rootOf(log.read, count), root);
        const frontier = await frontierOf(log.read, count);
        assert.deepEqual([frontier.size, frontier.root()], [count, root]);
      }),
    );
  });

  it("goes on from where it was taken up, and a clone goes its own way", () => {
    fc.assert(
      fc.property(size, size, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const before = Frontier.empty();
        for (const leaf of log.leaves.slice(0, from)) before.append(leaf);
        const after = Frontier.of(from, before.hashes);
        const clone = after.clone();
        for (const leaf of log.leaves.slice(from, to)) clone.append(leaf);
        assert.deepEqual(clone.root(), log.root(to));
        assert.deepEqual([after.size, after.root()], [from, log.root(from)]);
      }),
      { numRuns: 50 },
    );
  });

  const refused: readonly [name: string, size: number, hashes: Buffer[]][] = [
    ["no-hash-for-one-leaf", 1, []],
    ["a-hash-for-no-leaf", 0, [Buffer.alloc(32)]],
    ["one-hash-for-three-leaves", 3, [Buffer.alloc(32)]],
    ["a-short-hash", 1, [Buffer.alloc(31)]],
    ["a-size-that-is-none", -1, []],
    ["half-a-leaf", 0.5, []],
    ["a-size-past-2^53", 2 ** 53, [Buffer.alloc(32)]],
  ];
  for (const [name, count, hashes] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => Frontier.of(count, hashes), TypeError));
  }
});
