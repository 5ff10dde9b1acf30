import assert from "node:assert/strict";
import fc from "fast-check";
import {
  emptyRoot,
  leafHash,
  nodeHash,
  proveConsistency,
  proveInclusion,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
  type ReadTile,
} from "../../../../src/ledger/index.js";
import { TiledLog } from "../../../harness/tiled-log.js";
import { path, proof as naiveProof } from "./naive-tree.js";

const log = TiledLog.of(600);
const invalid = { code: "proof-invalid" };
const other = leafHash(Buffer.from("another"));

/** Two numbers, the smaller first. */
const pair = (max: number): fc.Arbitrary<[number, number]> =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);

async function inclusion(index: number, size: number): Promise<InclusionClaim> {
  const proof = await proveInclusion(log.read, index, size);
  return { leaf: log.leaves[index] ?? other, index, size, root: log.root(size), proof };
}

async function consistency(oldSize: number, size: number): Promise<ConsistencyClaim> {
  const proof = await proveConsistency(log.read, oldSize, size);
  return { oldSize, oldRoot: log.root(oldSize), size, root: log.root(size), proof };
}

/** Every proof that is nearly the one given. */
function spoiled(proof: readonly Buffer[]): Buffer[][] {
  const list = [...proof];
  return [
    [...list, other],
    [other, ...list],
    ...(list.length > 0 ? [list.slice(1), list.slice(0, -1)] : []),
    ...list.map((hash, at) => list.with(at, hash.subarray(1))),
    ...list.map((hash, at) => list.with(at, Buffer.concat([hash, Buffer.of(0)]))),
    ...list.map((_, at) => list.with(at, other)),
    ...list.slice(1).map((hash, at) => list.with(at, hash).with(at + 1, list[at] ?? other)),
  ];
}

describe("ledger/tree/proofs", () => {
  it("proves each leaf as RFC 6962 says, and each altered claim does not hold", async () => {
    await fc.assert(
      fc.asyncProperty(pair(599), async ([index, last]) => {
        const claim = await inclusion(index, last + 1);
        assert.deepEqual(claim.proof, path(index, log.leaves.slice(0, claim.size)));
        verifyInclusion(claim);
        const wrong: InclusionClaim[] = [
          ...spoiled(claim.proof).map((proof) => ({ ...claim, proof })),
          { ...claim, leaf: other },
          { ...claim, root: other },
          { ...claim, index: index + 1 },
          { ...claim, index: index - 1 },
        ];
        for (const each of wrong) assert.throws(() => verifyInclusion(each), invalid);
      }),
      { numRuns: 60 },
    );
  });

  it("proves each earlier size as RFC 6962 says, and each altered claim does not hold", async () => {
    await fc.assert(
      fc.asyncProperty(pair(600), async ([oldSize, size]) => {
        const claim = await consistency(oldSize, size);
        const isTrivial = oldSize === 0 || oldSize === size;
        assert.deepEqual(claim.proof, isTrivial ? [] : naiveProof(oldSize, log.leaves.slice(0, size)));
        verifyConsistency(claim);
        const wrong: ConsistencyClaim[] = [
          ...spoiled(claim.proof).map((proof) => ({ ...claim, proof })),
          { ...claim, oldRoot: other },
          ...(oldSize === 0 ? [] : [{ ...claim, root: other }]), // anything follows from nothing
          { ...claim, oldSize: size, size: oldSize === size ? -1 : oldSize },
        ];
        for (const each of wrong) assert.throws(() => verifyConsistency(each), invalid);
      }),
      { numRuns: 60 },
    );
  });

  it("holds no proof of one size for another, wherever the path differs", async () => {
    const claim = await inclusion(5, 300);
    for (let size = 6; size < 600; size += 1) {
      if (size !== 300)
        assert.throws(() => verifyInclusion({ ...claim, size, root: log.root(size) }), invalid);
    }
    const grown = await consistency(100, 300);
    for (let oldSize = 1; oldSize <= 300; oldSize += 1) {
      const oldRoot = log.root(oldSize);
      if (oldSize !== 100) assert.throws(() => verifyConsistency({ ...grown, oldSize, oldRoot }), invalid);
    }
  });

  const notIn: readonly [name: string, index: number, size: number][] = [
    ["an-empty-tree", 0, 0],
    ["the-leaf-after-the-last", 7, 7],
    ["a-negative-leaf", -1, 7],
    ["half-a-leaf", 0.5, 7],
    ["no-number", NaN, 7],
    ["a-size-past-2^53", 0, 2 ** 53],
  ];
  for (const [name, index, size] of notIn) {
    it(`neither proves nor believes ${name}`, async () => {
      await assert.rejects(proveInclusion(log.read, index, size), invalid);
      assert.throws(() => verifyInclusion({ leaf: other, index, size, root: other, proof: [] }), invalid);
    });
  }

  const noWay: readonly [name: string, oldSize: number, size: number][] = [
    ["a-tree-that-shrinks", 7, 6],
    ["a-negative-size", -1, 6],
    ["half-a-leaf", 0.5, 6],
    ["a-size-past-2^53", 1, 2 ** 53],
  ];
  for (const [name, oldSize, size] of noWay) {
    it(`neither proves nor believes ${name}`, async () => {
      await assert.rejects(proveConsistency(log.read, oldSize, size), invalid);
      const claim = { oldSize, oldRoot: other, size, root: other, proof: [] };
      assert.throws(() => verifyConsistency(claim), invalid);
    });
  }

  it("wants the empty tree's own root, and one root for one size", () => {
    const claim = { oldSize: 0, size: 3, root: log.root(3), proof: [] };
    verifyConsistency({ ...claim, oldRoot: emptyRoot });
    assert.throws(() => verifyConsistency({ ...claim, oldRoot: log.root(1) }), invalid);
    assert.throws(() => verifyConsistency({ ...claim, oldSize: 3, oldRoot: log.root(2) }), invalid);
    assert.throws(() => verifyConsistency({ ...claim, oldSize: 0, size: 0, oldRoot: emptyRoot }), invalid);
  });

  it("does not lose a bit of sizes up to 2^53 - 1", async () => {
    // All leaves are the same, so that a tile of such a tree is one hash 256 times and a root depends on the size only.
    const complete = [other];
    for (let height = 0; height < 53; height += 1)
      complete.push(nodeHash(complete[height] ?? other, complete[height] ?? other));
    const read: ReadTile = ({ level, width }) =>
      Promise.resolve(Buffer.concat(Array<Buffer>(width).fill(complete[level * 8] ?? other)));
    const size = fc.oneof(
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc
        .tuple(fc.integer({ min: 31, max: 52 }), fc.integer({ min: -3, max: 3 }))
        .map(([bits, off]) => 2 ** bits + off),
    );
    await fc.assert(
      fc.asyncProperty(size, fc.double({ min: 0, max: 0.999, noNaN: true }), async (count, part) => {
        const root = await rootOf(read, count);
        const [index, oldSize] = [Math.floor(count * part), Math.ceil(count * part)];
        const proof = await proveInclusion(read, index, count);
        verifyInclusion({ leaf: other, index, size: count, root, proof });
        const grown = { oldSize, oldRoot: await rootOf(read, oldSize), size: count, root };
        verifyConsistency({ ...grown, proof: await proveConsistency(read, oldSize, count) });
      }),
      { numRuns: 30 },
    );
  });
});
