import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  encodeSaltedWords,
  parseSaltedWords,
  refusedWordsHash,
  SALT_BYTES,
} from "../../../src/access/index.js";

const salt = Buffer.alloc(SALT_BYTES, 7);
const words = { target: "prod", detail: "not that one", login: "hunter2" };

describe("access/refused-words", () => {
  it("hashes the salt, then the words as canonical JSON", () => {
    const canonical = '{"detail":"not that one","login":"hunter2","target":"prod"}';
    const expected = createHash("sha256").update("07".repeat(32), "hex").update(canonical).digest("hex");
    assert.equal(refusedWordsHash(salt, words), expected);
    assert.notEqual(refusedWordsHash(Buffer.alloc(SALT_BYTES, 8), words), expected);
  });

  it("reads what it writes", () => {
    const line = encodeSaltedWords(salt, words);
    assert.deepEqual(parseSaltedWords(line), { hash: refusedWordsHash(salt, words), words });
  });

  for (const [row, line] of [
    ["nothing", ""],
    ["half-a-line", encodeSaltedWords(salt, words).slice(0, 90)],
    ["short-salt", '{"salt":"07","words":{"detail":""}}'],
    ["upper-case-salt", `{"salt":"${"AB".repeat(32)}","words":{"detail":""}}`],
    ["other-member", `{"salt":"${"07".repeat(32)}","words":{"detail":"","more":""}}`],
    ["no-detail", `{"salt":"${"07".repeat(32)}","words":{}}`],
    ["unclean", `{"salt":"${"07".repeat(32)}","words":{"detail":"\\u001b[2J"}}`],
  ] as const)
    it(`passes over ${row}`, () => assert.equal(parseSaltedWords(line), undefined));
});
