import assert from "node:assert/strict";
import { substituteFaults, type AllowedEdits } from "../../../src/recording/index.js";
import { digestOfBlock, digestOfBlocks } from "../../../src/recording/edit/substitute-faults.js";

const block = (number: number, text = `substitute of ${number}`) => ({
  block: number,
  bytes: Buffer.from(text),
});
const keys = block(1, "keys, wrapped anew");
const redacted = (from: number, to: number, changes: object = {}) => {
  const blocks = Array.from({ length: to - from + 1 }, (_, at) => block(from + at).bytes);
  return { redaction: "red-1", from, to, substitutes: digestOfBlocks(blocks), ...changes };
};
const rewrapped = { substitute: digestOfBlock(keys.bytes) };

describe("recording/edit/substitute-faults", () => {
  const good: readonly [string, readonly { block: number; bytes: Buffer }[], AllowedEdits][] = [
    ["nothing-substituted", [], {}],
    ["the-keys-of-the-last-entry", [keys], { rewrapped }],
    ["a-stretch-and-the-keys", [keys, block(4), block(5)], { rewrapped, redacted: [redacted(4, 5)] }],
    ["two-stretches", [block(2), block(7), block(8)], { redacted: [redacted(7, 8), redacted(2, 2)] }],
  ];
  for (const [name, found, allowed] of good)
    it(`finds nothing wrong with ${name}`, () => assert.deepEqual(substituteFaults(found, allowed), []));

  const bad: readonly [
    string,
    readonly { block: number; bytes: Buffer }[],
    AllowedEdits,
    readonly [string, number][],
  ][] = [
    ["keys-without-an-entry", [keys], {}, [["substitute-unknown", 1]]],
    ["other-keys-than-the-entry's", [block(1)], { rewrapped }, [["substitute-unknown", 1]]],
    ["keys-put-back", [], { rewrapped }, [["substitute-missing", 1]]],
    ["a-block-without-an-entry", [block(4)], {}, [["substitute-unknown", 4]]],
    [
      "a-block-more-than-the-entry's",
      [block(4), block(5)],
      { redacted: [redacted(4, 4)] },
      [["substitute-unknown", 5]],
    ],
    ["a-block-put-back", [block(4)], { redacted: [redacted(4, 5)] }, [["substitute-missing", 5]]],
    [
      "another-text-in-a-block",
      [block(4, "by whom?")],
      { redacted: [redacted(4, 4)] },
      [["substitute-unknown", 4]],
    ],
    [
      "blocks-that-changed-places",
      [block(4, "substitute of 5"), block(5, "substitute of 4")],
      { redacted: [redacted(4, 5)] },
      [["substitute-unknown", 4]],
    ],
    [
      "a-stretch-of-more-blocks-than-there-can-be",
      [block(4)],
      { redacted: [{ ...redacted(4, 4), to: Number.MAX_SAFE_INTEGER }] },
      [["substitute-missing", 5]],
    ],
    ["keys-allowed-and-a-block-not", [keys, block(9)], { rewrapped }, [["substitute-unknown", 9]]],
  ];
  for (const [name, found, allowed, expected] of bad)
    it(`names ${name}`, () => {
      const faults = substituteFaults(found, allowed);
      assert.deepEqual(
        faults.map(({ code, block: number }) => [code, number]),
        expected,
      );
    });
});
