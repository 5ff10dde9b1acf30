import assert from "node:assert/strict";
import { RecordingSpace } from "../../../src/proxy/recording-space.js";
import { closeAfterwards } from "../../harness/closing.js";

const KIB = 1024;

/** A recording of a MiB at first, and a control that a test answers for. */
class Rig {
  recorded = 0;
  readonly asked: number[] = [];
  readonly said: string[] = [];
  answer: (quotaBytes: number | Error) => void = () => undefined;
  readonly space = new RecordingSpace({
    quotaBytes: 1024 * KIB,
    recordedBytes: () => this.recorded,
    ask: (recordedBytes) => {
      this.asked.push(recordedBytes);
      return new Promise((resolve, reject) => {
        this.answer = (answer) => {
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        };
      });
    },
    hold: () => void this.said.push("hold"),
    release: () => void this.said.push("release"),
  });

  constructor() {
    closeAfterwards(() => {
      this.space.stop();
      return undefined;
    });
  }

  /** So much more was recorded. */
  grow(kib: number): void {
    this.recorded += kib * KIB;
    this.space.grew(kib * KIB);
  }

  async answered(answer: number | Error): Promise<void> {
    this.answer(answer);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("proxy/recording-space", () => {
  it("asks for more when half is used, once, and goes on meanwhile", async () => {
    const rig = new Rig();
    rig.grow(500);
    assert.deepEqual(rig.asked, []);
    rig.grow(20);
    rig.grow(20);
    assert.deepEqual([rig.asked, rig.said], [[520 * KIB], []]);
    await rig.answered(2048 * KIB);
    assert.equal(rig.space.quotaBytes, 2048 * KIB);
    rig.grow(900);
    assert.equal(rig.asked.length, 1);
    rig.grow(200);
    assert.equal(rig.asked.length, 2);
  });

  it("holds both peers while little is left, and lets them go on with the answer", async () => {
    const rig = new Rig();
    rig.grow(700);
    rig.grow(80);
    assert.deepEqual(rig.said, ["hold"]);
    rig.grow(1);
    assert.deepEqual(rig.said, ["hold"]);
    await rig.answered(4096 * KIB);
    assert.deepEqual(rig.said, ["hold", "release"]);
  });

  it("counts what was appended though it is not sealed yet", () => {
    const rig = new Rig();
    rig.space.grew(600 * KIB);
    assert.deepEqual(rig.asked, [], "the recorder says that nothing is there, so there is no need");
    rig.recorded = 600 * KIB;
    rig.space.grew(520 * KIB);
    assert.deepEqual(rig.asked, [600 * KIB]);
  });

  for (const [name, answer] of [
    ["no more is given", 1024 * KIB],
    ["control is away", new Error("gone")],
  ] as const)
    it(`holds on, and asks again, while ${name}`, async () => {
      const rig = new Rig();
      rig.grow(800);
      await rig.answered(answer);
      assert.deepEqual(rig.said, ["hold"]);
      while (rig.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
      await rig.answered(2048 * KIB);
      assert.deepEqual(rig.said, ["hold", "release"]);
    });

  it("never shrinks, and asks nothing more once it is stopped", async () => {
    const rig = new Rig();
    rig.grow(600);
    await rig.answered(10);
    assert.equal(rig.space.quotaBytes, 1024 * KIB);
    rig.space.stop();
    rig.grow(400);
    assert.equal(rig.asked.length, 1);
  });
});
