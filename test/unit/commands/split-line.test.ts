import assert from "node:assert/strict";
import { CommandError } from "../../../src/commands/index.js";
import { LINE_CHARS_MAX, splitLine } from "../../../src/commands/ssh/split-line.js";

function texts(line: string): readonly string[] {
  return splitLine(line).map(({ text }) => text);
}

describe("commands/split-line", () => {
  for (const [row, line, words] of [
    ["nothing", "", []],
    ["only-blanks", "  \t ", []],
    ["blanks-between", "show  ses-0\t--json ", ["show", "ses-0", "--json"]],
    ["an-apostrophe", "deny req-0 --reason can't", ["deny", "req-0", "--reason", "can't"]],
    ["an-apostrophe-first", "'tis late", ["'tis", "late"]],
    ["a-plural-apostrophe", "the dogs' bone", ["the", "dogs'", "bone"]],
    ["double-quotes", 'a "b c" d', ["a", "b c", "d"]],
    ["single-quotes", "a 'b c' d", ["a", "b c", "d"]],
    ["a-quote-within-quotes", `"it isn't so" x`, ["it isn't so", "x"]],
    ["a-partner-within-a-word", `'it isn't so' x`, ["it isn't so", "x"]],
    ["a-quote-without-partner", 'a "b c', ["a", '"b', "c"]],
    ["a-lonely-quote", `a " b`, ["a", '"', "b"]],
    ["empty-quotes", `a "" b`, ["a", "", "b"]],
    ["after-an-equals-sign", `--reason="b c" d`, ["--reason=b c", "d"]],
    ["a-quote-in-a-word", `a=b"c d"`, ['a=b"c', 'd"']],
    ["backslashes-mean-nothing", String.raw`a\ b`, ["a\\", "b"]],
    ["a-line-end-stays", "a\nb c", ["a\nb", "c"]],
  ] as const) {
    it(`takes apart: ${row}`, () => assert.deepEqual(texts(line), words));
  }

  it("says which words somebody quoted, and keeps what they wrote", () => {
    assert.deepEqual(splitLine(`"a b" c`), [
      { text: "a b", raw: '"a b"', isWhole: true },
      { text: "c", raw: "c", isWhole: false },
    ]);
  });

  it("refuses a line that is too long", () => {
    const usage = (error: unknown) => error instanceof CommandError && error.code === "usage";
    assert.throws(() => splitLine("a".repeat(LINE_CHARS_MAX + 1)), usage);
    assert.equal(splitLine('"a '.repeat(LINE_CHARS_MAX / 3)).length, Math.floor(LINE_CHARS_MAX / 3));
  });
});
