import assert from "node:assert/strict";
import type { DiskLevel } from "../../../../src/access/index.js";
import { levelOf, marksOf } from "../../../../src/control/disk/disk-level.js";
import type { DiskSettings } from "../../../../src/config/index.js";

const marks = { warnBelow: 1000, fullBelow: 100, criticalBelow: 50 };

const rows: readonly [before: DiskLevel, freeBytes: number, now: DiskLevel][] = [
  ["ok", 1000, "ok"],
  ["ok", 999, "low"],
  ["ok", 99, "full"],
  ["ok", 49, "critical"],
  ["low", 1000, "low"], // at the mark is not yet better
  ["low", 1050, "ok"],
  ["full", 100, "full"],
  ["full", 105, "low"],
  ["full", 5000, "ok"],
  ["critical", 50, "critical"],
  ["critical", 53, "full"],
  ["critical", 5000, "ok"],
  ["full", 0, "critical"],
];

const GIB = 2 ** 30;
const settings: DiskSettings = {
  warnBelow: { bytes: 5 * GIB, percent: 10 },
  fullBelow: { bytes: GIB, percent: 3 },
  reserveBytes: 1,
  ballastBytes: 1,
  whenFull: "refuse",
};
const space = (totalBytes: number) => ({ device: "1", freeBytes: 0, totalBytes });

describe("control/disk/disk-level", () => {
  for (const [before, freeBytes, now] of rows)
    it(`${before} with ${freeBytes} free is ${now}`, () =>
      assert.equal(levelOf({ device: "1", freeBytes, totalBytes: 10_000 }, marks, before), now));

  it("takes a file system that does not say its size for ok", () => {
    assert.equal(levelOf({ device: "1", freeBytes: 0, totalBytes: 0 }, marks, "ok"), "ok");
  });

  it("keeps for the last words more the more sessions there are, and at most half of what is kept free", () => {
    const at = (totalBytes: number, sessions: number) => marksOf(settings, space(totalBytes), sessions);
    assert.deepEqual(at(1000 * GIB, 0), { warnBelow: 5 * GIB, fullBelow: GIB, criticalBelow: 8 * 2 ** 20 });
    assert.equal(at(1000 * GIB, 1000).criticalBelow, 8 * 2 ** 20 + 1000 * 65_536);
    const small = at(100 * 2 ** 20, 1000);
    assert.equal(small.fullBelow, 3 * 2 ** 20);
    assert.equal(small.criticalBelow, 1.5 * 2 ** 20);
  });
});
