import assert from "node:assert/strict";
import { mock } from "node:test";
import { Deadline } from "../../../src/proxy/deadline.js";

const minute = 60_000;
const noticesMs = [15 * minute, 5 * minute, minute];

/** Two clocks and the timers of this process, moved by hand. */
class FakeTime {
  monotonic = 5_000;
  wall = 1_800_000_000_000;
  /** What was heard, with the time by the monotonic clock since the beginning. */
  readonly heard: string[] = [];
  readonly deadline = new Deadline(
    { monotonicMs: () => this.monotonic, wallMs: () => this.wall },
    {
      onNotice: (leftMs) => this.heard.push(`notice ${leftMs} at ${this.monotonic - 5_000}`),
      onEnd: () => this.heard.push(`end at ${this.monotonic - 5_000}`),
    },
  );

  set(spanMs: number): void {
    this.deadline.set(this.wall + spanMs, spanMs, noticesMs);
  }

  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 50) {
      this.monotonic += 50;
      this.wall += 50;
      mock.timers.tick(50);
    }
  }
}

describe("proxy/deadline", () => {
  let time: FakeTime;
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
    time = new FakeTime();
  });
  afterEach(() => mock.timers.reset());

  it("warns at the moments that were asked for, then ends, once", () => {
    time.set(16 * minute);
    time.pass(20 * minute);
    assert.deepEqual(time.heard, [
      `notice ${15 * minute} at ${minute}`,
      `notice ${5 * minute} at ${11 * minute}`,
      `notice ${minute} at ${15 * minute}`,
      `end at ${16 * minute}`,
    ]);
  });

  it("gives only the notices that fit", () => {
    time.set(minute);
    time.pass(2 * minute);
    assert.deepEqual(time.heard, [`end at ${minute}`]);
  });

  it("ends a session that is over already as soon as it begins", () => {
    time.set(-5);
    time.pass(50);
    assert.deepEqual(time.heard, ["end at 50"]);
  });

  it("ends within a second of the wall clock's step over the end, with no notice after it", () => {
    time.set(20 * minute);
    time.pass(1_000);
    time.wall += 30 * minute;
    time.pass(1_000);
    assert.deepEqual(time.heard, ["end at 2000"]);
  });

  it("gives one notice for those that a step of the wall clock passed over", () => {
    time.set(20 * minute);
    time.wall += 16 * minute;
    time.pass(1_000);
    assert.deepEqual(time.heard, [`notice ${4 * minute - 1_000} at 1000`]);
  });

  it("ends no later when the wall clock is set back", () => {
    time.set(2 * minute);
    time.wall -= 60 * minute;
    time.pass(3 * minute);
    assert.deepEqual(time.heard, [`notice ${minute} at ${minute}`, `end at ${2 * minute}`]);
  });

  it("is moved forward, with the notices that fit again", () => {
    time.set(2 * minute);
    time.pass(1.5 * minute);
    time.deadline.move(time.wall + 6 * minute, 6 * minute, noticesMs);
    time.pass(10 * minute);
    assert.deepEqual(time.heard, [
      `notice ${minute} at ${minute}`,
      `notice ${5 * minute} at ${2.5 * minute}`,
      `notice ${minute} at ${6.5 * minute}`,
      `end at ${7.5 * minute}`,
    ]);
  });

  it("is moved to an earlier end", () => {
    time.set(30 * minute);
    time.pass(minute);
    time.deadline.move(time.wall + 1_000, 1_000, noticesMs);
    time.pass(2_000);
    assert.deepEqual(time.heard, [`end at ${minute + 1_000}`]);
  });

  it("moves no further than the end moved, whatever the other process counts after its clock was set back", () => {
    time.set(2 * minute);
    const untilMs = time.wall + 2 * minute;
    time.wall -= 60 * minute;
    time.deadline.move(untilMs, 62 * minute, noticesMs);
    time.pass(3 * minute);
    assert.deepEqual(time.heard.at(-1), `end at ${2 * minute}`);
  });

  it("is silent once stopped, even when it is moved", () => {
    time.set(minute);
    time.deadline.stop();
    time.deadline.move(time.wall + 100, 100, noticesMs);
    time.pass(2 * minute);
    assert.deepEqual(time.heard, []);
  });

  it("says how much is left by the clock that says less", () => {
    time.set(minute);
    time.wall += 10_000;
    assert.equal(time.deadline.leftMs, 50_000);
    time.wall -= 20_000;
    assert.equal(time.deadline.leftMs, minute);
    time.deadline.stop();
  });
});
