import assert from "node:assert/strict";
import fc from "fast-check";
import { Stage } from "../../../../src/cli/replay/stage.js";
import { Timeline } from "../../../../src/cli/replay/timeline.js";
import type { Screen } from "../../../../src/recording/index.js";
import { exec, frame, line, request, shell, shown } from "../../recording/samples.js";

const rowsOf = (screen: Screen): string[] =>
  Array.from({ length: screen.size.rows }, (_, row) => screen.row(row));

function timelineOf(frames: ReturnType<typeof shell>, keys = false): Timeline {
  const timeline = new Timeline(1, { keys });
  for (const each of frames) timeline.see(each);
  timeline.finish();
  return timeline;
}

describe("cli/replay/stage", () => {
  /** Much output, so that there are several keyframes, and a change of size on the way. */
  const long = timelineOf([
    ...shell(100, { columns: 60, rows: 10 }),
    ...Array.from({ length: 50 }, (_, second) =>
      shown(1000 * second + 200, `second ${second} \x1b[3${second % 8}m ${"x".repeat(40_000)}\r\n`),
    ),
    frame("channelRequest", "client", 51_000, request("window-change", false, 30, 5, 0, 0)),
    ...Array.from({ length: 20 }, (_, second) => shown(1000 * second + 52_000, `later ${second}\x1b[K\r\n`)),
  ]);

  it("shows the same at a moment, from wherever it comes", async () => {
    const stage = new Stage(long);
    const moment = fc.nat({ max: 75_000_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { minLength: 1, maxLength: 4 }), async (moments) => {
        for (const atUs of moments) await stage.goTo(atUs);
        const fresh = new Stage(long);
        const atUs = moments.at(-1)!;
        const [walked, direct] = [await stage.goTo(atUs), await fresh.goTo(atUs)];
        assert.deepEqual(rowsOf(walked), rowsOf(direct));
        assert.deepEqual(walked.cursor(), direct.cursor());
        fresh.dispose();
      }),
      { numRuns: 10 },
    );
    stage.dispose();
  });

  it("says when the next thing happens", async () => {
    const stage = new Stage(timelineOf([...shell(1), shown(10, "a"), shown(20, "b")]));
    const screen = await stage.goTo(15_000);
    assert.equal(screen.row(0), "a");
    assert.deepEqual([stage.shownAtUs, stage.nextAtUs], [10_000, 20_000]);
    await stage.goTo(20_000);
    assert.equal(stage.nextAtUs, undefined);
    stage.dispose();
  });

  it("lets line feeds return where there was no terminal", async () => {
    const screen = await new Stage(timelineOf([...exec("ls"), shown(1, "a\nb\n")])).goTo(1e6);
    assert.deepEqual(rowsOf(screen).slice(0, 2), ["a", "b"]);
  });
});

describe("cli/replay/timeline", () => {
  it("keeps keystrokes apart from the picture", () => {
    const timeline = new Timeline(1, { keys: true });
    for (const each of [...shell(), shown(20, "y"), line(30, "•")]) timeline.see(each);
    assert.deepEqual(
      timeline.outputs.map(({ kind }) => kind),
      ["resize", "output"],
    );
    assert.equal(timeline.typedBefore(1e6, 5e6), "•");
    assert.equal(timeline.typedBefore(9e6, 5e6), "");
    assert.equal(timeline.typedBefore(5000, 5e6), "");
  });

  it("lasts until its channel closes", () => {
    const timeline = timelineOf([
      ...shell(1000),
      shown(3000, "x"),
      frame("channelClose", "target", 4000),
      frame("clock", "bastion", 60_000, Buffer.alloc(8), 0),
    ]);
    assert.deepEqual([timeline.startUs, timeline.durationUs], [1e6, 3e6]);
  });
});
