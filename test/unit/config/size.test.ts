import assert from "node:assert/strict";
import { parseSize } from "../../../src/config/index.js";

describe("config/size", () => {
  const table: readonly [text: string, bytes: number | undefined][] = [
    ["0B", 0],
    ["35000B", 35_000],
    ["64KiB", 65_536],
    ["1GiB", 2 ** 30],
    ["999999GiB", 999_999 * 2 ** 30],
    ["1", undefined],
    ["01B", undefined],
    ["1 MiB", undefined],
    ["1MB", undefined],
    ["-1B", undefined],
  ];
  for (const [text, bytes] of table)
    it(`reads ${text} as ${String(bytes)}`, () => assert.equal(parseSize(text), bytes));
});
