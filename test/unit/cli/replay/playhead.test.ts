import assert from "node:assert/strict";
import { Playhead } from "../../../../src/cli/replay/playhead.js";

const begun = (speed = 1): Playhead => new Playhead({ atUs: 0, speed, nowMs: 1000 });

describe("cli/replay/playhead", () => {
  it("goes with the time, as fast as it is told", () => {
    assert.equal(begun().positionUs(3500), 2_500_000);
    assert.equal(begun(4).positionUs(3500), 10_000_000);
    assert.equal(begun(0.5).untilMs(1_000_000, 1000), 2000);
  });

  it("stands while paused, and goes on from there", () => {
    const playhead = begun();
    playhead.togglePause(2000);
    assert.equal(playhead.positionUs(9000), 1_000_000);
    assert.equal(playhead.untilMs(2_000_000, 9000), Infinity);
    playhead.togglePause(10_000);
    assert.equal(playhead.positionUs(10_500), 1_500_000);
  });

  it("does not jump when the speed changes, and stops at the last speed", () => {
    const playhead = begun();
    playhead.faster(2000);
    assert.deepEqual([playhead.positionUs(2000), playhead.speed], [1_000_000, 2]);
    for (let count = 0; count < 20; count++) playhead.faster(2000);
    assert.equal(playhead.speed, 32);
    for (let count = 0; count < 20; count++) playhead.slower(2000);
    assert.equal(playhead.speed, 0.25);
  });

  it("steps on from a speed between the steps", () => {
    const playhead = begun(3);
    playhead.slower(1000);
    assert.equal(playhead.speed, 2);
  });
});
