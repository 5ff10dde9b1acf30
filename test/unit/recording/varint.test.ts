import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteCursor, varintBytesMax, writeVarint } from "../../../src/recording/varint.js";

function encode(value: number): Buffer {
  const target = Buffer.alloc(varintBytesMax);
  return target.subarray(0, writeVarint(target, 0, value));
}

describe("recording/varint", () => {
  for (const [name, value, hex] of [
    ["zero", 0, "00"],
    ["one-byte-most", 127, "7f"],
    ["two-bytes-least", 128, "8001"],
    ["two-to-the-31", 2 ** 31, "8080808008"],
    ["most", Number.MAX_SAFE_INTEGER, "ffffffffffffff0f"],
  ] as const) {
    it(`writes ${name}`, () => assert.equal(encode(value).toString("hex"), hex));
    it(`reads ${name}`, () => assert.equal(new ByteCursor(Buffer.from(hex, "hex")).varint(), value));
  }

  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const cursor = new ByteCursor(encode(value));
        assert.equal(cursor.varint(), value);
        assert.equal(cursor.done, true);
      }),
    );
  });

  for (const [name, hex] of [
    ["not-minimal", "8000"],
    ["not-minimal-zero", "808000"],
    ["beyond-2-to-53", "ffffffffffffff10"],
    ["endless", "ffffffffffffffffff"],
  ] as const)
    it(`refuses ${name}`, () =>
      assert.throws(() => new ByteCursor(Buffer.from(hex, "hex")).varint(), { code: "varint-invalid" }));

  it("waits for the rest of a number", () =>
    assert.equal(new ByteCursor(Buffer.of(0x80)).varint(), undefined));
});
