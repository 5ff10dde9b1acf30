import assert from "node:assert/strict";
import { SteadyClock } from "../../../../src/control/retention/steady-clock.js";
import { MovedClocks } from "../bench.js";
import { HOUR } from "./keep-bench.js";

const DAY = 24 * HOUR;

const starts: readonly [name: string, unseenMs: number | undefined, waitMs: number][] = [
  ["an-empty-ledger", undefined, HOUR],
  ["a-restart", 1000, HOUR],
  ["a-day-away", DAY, HOUR],
  ["more-than-a-day-away", DAY + 1, DAY],
  ["a-clock-that-is-before-the-ledger", -DAY - 1, DAY],
];

const steps: readonly [name: string, wallMs: number, monotonicMs: number, waitMs: number][] = [
  ["both-alike", HOUR, HOUR, 0],
  ["a-correction", HOUR + 29_000, HOUR, 0],
  ["a-bad-quartz", HOUR + 47_000, HOUR, 0],
  ["forwards", 2 * HOUR, HOUR, HOUR],
  ["back", -HOUR, HOUR, HOUR],
  ["forwards-by-years", 400 * DAY, HOUR, DAY],
];

describe("control/retention/steady-clock", () => {
  for (const [name, unseenMs, waitMs] of starts)
    it(`waits after a start: ${name}`, () => {
      const clocks = new MovedClocks();
      const steady = new SteadyClock(clocks, unseenMs === undefined ? undefined : clocks.wall - unseenMs);
      assert.equal(steady.waitMs, waitMs);
      clocks.pass(waitMs - 1);
      assert.equal(steady.look(), 0);
      assert.equal(steady.waitMs, 1);
      clocks.pass(1);
      assert.equal(steady.waitMs, 0);
    });

  for (const [name, wallMs, monotonicMs, waitMs] of steps)
    it(`looks at a step: ${name}`, () => {
      const clocks = new MovedClocks();
      const steady = new SteadyClock(clocks, clocks.wall);
      clocks.wall += wallMs;
      clocks.monotonic += monotonicMs;
      assert.equal(steady.look(), waitMs === 0 ? 0 : wallMs - monotonicMs);
      assert.equal(steady.waitMs, waitMs);
    });
});
