import assert from "node:assert/strict";
import { parseKeys } from "../../../../src/cli/replay/keys.js";

describe("cli/replay/keys", () => {
  for (const [name, text, commands] of [
    [
      "each-key",
      " +=-inq\t",
      ["pause", "faster", "faster", "slower", "skip-idle", "next-channel", "quit", "next-channel"],
    ],
    ["arrows", "\x1b[D\x1b[C", ["back", "forward"]],
    ["application-arrows", "\x1bOD\x1bOC", ["back", "forward"]],
    ["interrupt", "\x03", ["quit"]],
    ["other-sequences", "\x1b[A\x1b[3~\x1b[1;5Cxyz", []],
    ["glued", "\x1b[Cq", ["forward", "quit"]],
  ] as const)
    it(`reads ${name}`, () => assert.deepEqual(parseKeys(text), commands));
});
