import assert from "node:assert/strict";
import { Reserves } from "../../../../src/control/disk/reserves.js";
import { sessionId } from "../../access/sample.js";

const MIB = 2 ** 20;

const rows: readonly [name: string, quota: number, room: number, quotaAfter: number | undefined][] = [
  ["as much again where there is plenty", 8 * MIB, 10_000 * MIB, 16 * MIB],
  ["256 MiB at most", 1000 * MIB, 100_000 * MIB, 1256 * MIB],
  ["a quarter of what is left", 100 * MIB, 100 * MIB, 125 * MIB],
  ["a first reserve of a small room", 100 * MIB, 10 * MIB, 108 * MIB],
  ["all of what is less", 100 * MIB, 2 * MIB, 102 * MIB],
  ["nothing of crumbs", 100 * MIB, 65_535, undefined],
  ["nothing of nothing", 100 * MIB, -5, undefined],
];

describe("control/disk/reserves", () => {
  for (const [name, quota, room, after] of rows)
    it(`gives ${name}`, () => {
      const reserves = new Reserves();
      reserves.set(sessionId(), quota);
      assert.equal(reserves.grow(sessionId(), room, 8 * MIB), after !== undefined);
      assert.equal(reserves.quotaOf(sessionId()), after ?? quota);
    });

  it("counts what may still be written, not what was", () => {
    const reserves = new Reserves();
    reserves.set(sessionId(1), 100);
    reserves.set(sessionId(2), 100, 30);
    reserves.note(sessionId(1), 60);
    reserves.note(sessionId(1), 50); // late news
    assert.equal(reserves.outstandingBytes, 40 + 70);
    reserves.note(sessionId(1), 500);
    assert.equal(reserves.outstandingBytes, 70, "more than was given frees nobody else's");
    reserves.forget(sessionId(2));
    assert.deepEqual([reserves.outstandingBytes, reserves.count], [0, 1]);
  });

  it("gives nothing to a session that it does not know", () => {
    const reserves = new Reserves();
    assert.equal(reserves.grow(sessionId(), 1e12, MIB), false);
    assert.equal(reserves.quotaOf(sessionId()), 0);
  });
});
