import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBundle, encodeBundle } from "../../../../src/ledger/index.js";

const entries = fc
  .array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 256 })
  .map((list) => list.map((bytes) => Buffer.from(bytes)));

describe("ledger/tree/bundle", () => {
  it("puts the length of each entry before it, big-endian", () => {
    const bytes = encodeBundle([Buffer.from("ab"), Buffer.alloc(0), Buffer.alloc(0x0102, "x")]);
    assert.equal(bytes.subarray(0, 8).toString("hex"), "0002616200000102");
    assert.equal(bytes.length, 2 + 2 + 2 + 2 + 0x0102);
  });

  it("gives back what went in, and the same bytes again", () => {
    fc.assert(
      fc.property(entries, (list) => {
        const bytes = encodeBundle(list);
        assert.deepEqual(decodeBundle(bytes, list.length), list);
        assert.throws(() => decodeBundle(bytes, list.length + 1), { code: "bundle-invalid" });
        assert.throws(() => decodeBundle(bytes, list.length - 1), { code: "bundle-invalid" });
      }),
    );
  });

  it("refuses a bundle cut short at any byte, and one byte more", () => {
    const bytes = encodeBundle([Buffer.from("one"), Buffer.from("two"), Buffer.from("three")]);
    for (let end = 0; end < bytes.length; end += 1) {
      assert.throws(() => decodeBundle(bytes.subarray(0, end), 3), { code: "bundle-invalid" });
    }
    assert.throws(() => decodeBundle(Buffer.concat([bytes, Buffer.of(0)]), 3), { code: "bundle-invalid" });
  });

  it("refuses to write what has no form: nothing, too many, one too long", () => {
    const lists = [[], Array<Buffer>(257).fill(Buffer.of(1)), [Buffer.alloc(0x10000)]];
    for (const list of lists) assert.throws(() => encodeBundle(list), { code: "bundle-invalid" });
    assert.equal(encodeBundle([Buffer.alloc(0xffff)]).length, 0x10001);
  });
});
