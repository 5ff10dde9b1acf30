import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ENTRY_BYTES_MAX, leafHash, type EntryCodec } from "../../../src/ledger/index.js";
import { decodeRow, encodeRow } from "../../../src/ledger/entry-row.js";

const codec: EntryCodec<string> = {
  encode: (entry) => entry,
  decode: (value) => {
    if (typeof value !== "string") throw new TypeError("not a string");
    return value;
  },
};
const record = { index: 7, atMs: 1_700_000_000_000, entry: "hello" };
const row = encodeRow(record, codec);
/** A row with a right hash over any text. */
const sealed = (text: string): Buffer => Buffer.concat([leafHash(Buffer.from(text)), Buffer.from(text)]);

describe("ledger/entry-row", () => {
  it("is the RFC 6962 leaf hash, then canonical JSON", () => {
    const bytes = '{"at":1700000000000,"entry":"hello","index":7}';
    assert.equal(row.subarray(32).toString(), bytes);
    assert.deepEqual(row.subarray(0, 32), createHash("sha256").update(`\0${bytes}`).digest());
    assert.deepEqual(decodeRow(7, row, codec), record);
  });

  it("sees any one flipped bit", () => {
    for (let bit = 0; bit < row.length * 8; bit += 1) {
      const flipped = Buffer.from(row);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => decodeRow(7, flipped, codec), { code: "damaged-entry", index: 7 });
    }
  });

  it("sees a row cut short at any byte", () => {
    for (let end = 0; end < row.length; end += 1) {
      assert.throws(() => decodeRow(7, row.subarray(0, end), codec), { code: "damaged-entry" });
    }
  });

  const damaged: readonly [name: string, index: number, value: Buffer][] = [
    ["another-number", 8, row],
    ["keys-out-of-order", 7, sealed('{"entry":"hello","at":1700000000000,"index":7}')],
    ["white-space", 7, sealed('{"at":1700000000000,"entry":"hello", "index":7}')],
    ["a-duplicate-key", 7, sealed('{"at":1,"at":1700000000000,"entry":"hello","index":7}')],
    ["another-key", 7, sealed('{"at":1700000000000,"entry":"hello","index":7,"more":1}')],
    ["a-time-that-is-no-number", 7, sealed('{"at":"now","entry":"hello","index":7}')],
    ["no-json", 7, sealed("hello")],
    [
      "bytes-that-are-no-utf8",
      7,
      Buffer.concat([leafHash(Buffer.of(0x22, 0xff, 0x22)), Buffer.of(0x22, 0xff, 0x22)]),
    ],
  ];
  for (const [name, index, value] of damaged) {
    it(`refuses ${name}`, () =>
      assert.throws(() => decodeRow(index, value, codec), { code: "damaged-entry" }));
  }

  it("tells an entry that it does not know from a damaged one", () => {
    const foreign = sealed('{"at":1,"entry":{"type":"new"},"index":7}');
    assert.throws(() => decodeRow(7, foreign, codec), { code: "undecodable-entry", index: 7 });
  });

  it("takes an entry of exactly the limit and not one byte more", () => {
    const frame = row.length - 32 - record.entry.length;
    const longest = "x".repeat(ENTRY_BYTES_MAX - frame);
    assert.equal(encodeRow({ ...record, entry: longest }, codec).length, 32 + ENTRY_BYTES_MAX);
    assert.throws(() => encodeRow({ ...record, entry: longest + "x" }, codec), { code: "entry-too-long" });
  });
});
