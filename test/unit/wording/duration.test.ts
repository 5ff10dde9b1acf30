import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../../src/wording/index.js";

describe("wording/duration", () => {
  const table: readonly [text: string, ms: number | undefined][] = [
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["2h30m", 9_000_000],
    ["1d", 86_400_000],
    ["250ms", 250],
    ["0s", 0],
    ["1m500ms", 60_500],
    ["", undefined],
    ["30", undefined],
    ["30m2h", undefined],
    ["-1h", undefined],
    ["1.5h", undefined],
    ["1H", undefined],
    ["1h ", undefined],
    ["999999s", undefined],
  ];
  for (const [text, ms] of table) {
    it(`reads ${JSON.stringify(text)} as ${String(ms)}`, () => assert.equal(parseDuration(text), ms));
  }
  it("writes whole seconds so that they read back the same", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 9 }),
        (s) => parseDuration(formatDuration(s * 1000)) === s * 1000,
      ),
    );
  });
});
