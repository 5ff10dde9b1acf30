import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanText, parseReason } from "../../../src/access/index.js";

describe("access/text", () => {
  for (const good of ["INC-42 replication stuck", "Größe 大きさ 👩\u200d💻", "a".repeat(1000)]) {
    it(`takes ${good.slice(0, 20)}`, () => assert.equal(parseReason(good), good));
  }
  const bad: readonly [name: string, text: string, code: string][] = [
    ["nothing", "", "bad-text"],
    ["blanks", "  ", "bad-text"],
    ["a-newline", "a\nb", "bad-text"],
    ["an-escape", "a\x1b[31mb", "bad-text"],
    ["a-c1-control", "a\u009bb", "bad-text"],
    ["a-direction-override", "a\u202eb", "bad-text"],
    ["a-line-separator", "a\u2028b", "bad-text"],
    ["half-a-character", "a\ud800", "bad-text"],
    ["1001-characters", "a".repeat(1001), "too-long"],
    ["2001-bytes", "€".repeat(667), "too-long"],
  ];
  for (const [name, text, code] of bad) {
    it(`refuses ${name}`, () => assert.throws(() => parseReason(text), { code }));
  }

  it("cleans any text into one that it takes, of at most the length asked for", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 600 }),
        fc.integer({ min: 1, max: 255 }),
        (text, charsMax) => {
          const cleaned = cleanText(text, charsMax);
          assert.equal(parseReason(`.${cleaned}`), `.${cleaned}`);
          assert.ok(cleaned.length <= charsMax);
        },
      ),
    );
    assert.equal(cleanText("a\x1b[2Jb"), "a\ufffd[2Jb");
    assert.equal(cleanText("abcdef", 4), "abc…");
  });
});
