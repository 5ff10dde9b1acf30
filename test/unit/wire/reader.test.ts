import assert from "node:assert/strict";
import fc from "fast-check";
import { WireError, WireReader, WireWriter, type WireErrorCode } from "../../../src/wire/index.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const refusedWith = (code: WireErrorCode) => (error: unknown) =>
  error instanceof WireError && error.code === code;

describe("wire/reader", () => {
  const refused: [name: string, wire: string, read: (r: WireReader) => unknown, code: WireErrorCode][] = [
    ["an-empty-byte", "", (r) => r.byte(), "truncated"],
    ["a-short-uint32", "000000", (r) => r.uint32(), "truncated"],
    ["a-short-uint64", "00000000000000", (r) => r.uint64(), "truncated"],
    ["raw-bytes-past-the-end", "0102", (r) => r.raw(3), "truncated"],
    ["a-string-without-a-bound-past-the-end", "ffffffff 61", (r) => r.string(), "truncated"],
    ["a-string-over-its-bound", "00000002 6161", (r) => r.string(1), "too-long"],
    ["a-bound-before-the-end", "ffffffff", (r) => r.text(9), "too-long"],
    ["a-boolean-of-two", "02", (r) => r.boolean(), "invalid-boolean"],
    ["text-with-nul", "00000002 6100", (r) => r.text(), "invalid-text"],
    ["text-cut-in-a-character", "00000001 c3", (r) => r.text(), "invalid-text"],
    ["text-with-an-overlong-slash", "00000002 c0af", (r) => r.text(), "invalid-text"],
    ["a-negative-integer", "00000001 80", (r) => r.mpint(9), "invalid-integer"],
    ["a-needless-leading-zero", "00000002 007f", (r) => r.mpint(9), "invalid-integer"],
    ["an-integer-over-its-bound", "00000003 010203", (r) => r.mpint(2), "too-long"],
    ["left-over-bytes", "00", (r) => r.end(), "trailing-bytes"],
  ];
  for (const [name, wire, read, code] of refused)
    it(`refuses ${name}`, () => assert.throws(() => read(new WireReader(hex(wire))), refusedWith(code)));

  it("begins where it is told, and gives back what was read since a place", () => {
    const reader = new WireReader(hex("5e 00000007 00000001 61 ff"), 1);
    const start = reader.position;
    assert.equal(reader.uint32(), 7);
    assert.equal(reader.text(), "a");
    assert.deepEqual(reader.since(start), hex("00000007 00000001 61"));
    assert.equal(reader.position, 10);
    assert.equal(reader.remaining, 1);
  });

  it("gives views of its input, not copies", () => {
    const bytes = hex("00000001 61");
    const view = new WireReader(bytes).string();
    bytes[4] = 0x62;
    assert.equal(view.toString(), "b");
  });

  it("refuses with another room's error where that room says so", () => {
    class Own extends WireReader {
      protected override refusal(code: WireErrorCode): Error {
        return new TypeError(code);
      }
    }
    assert.throws(() => new Own(hex("")).byte(), new TypeError("truncated"));
  });

  it("never reads past the end of any bytes", () => {
    const reads: ((reader: WireReader) => unknown)[] = [
      (r) => r.byte(),
      (r) => r.boolean(),
      (r) => r.uint32(),
      (r) => r.uint64(),
      (r) => r.string(),
      (r) => r.text(),
      (r) => r.mpint(64),
    ];
    const any = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(any, fc.array(fc.constantFrom(...reads), { maxLength: 12 }), (bytes, chosen) => {
        const reader = new WireReader(bytes);
        try {
          for (const read of chosen) read(reader);
          reader.end();
        } catch (error) {
          assert.ok(error instanceof WireError);
        }
        assert.ok(reader.position <= bytes.length);
      }),
    );
  });
});

describe("wire/writer", () => {
  // RFC 4251 section 5
  const written: [name: string, write: (w: WireWriter) => WireWriter, wire: string][] = [
    ["true", (w) => w.boolean(true), "01"],
    ["a-uint32", (w) => w.uint32(699_921_578), "29b7f4aa"],
    ["a-uint64", (w) => w.uint64(2n ** 64n - 2n), "fffffffffffffffe"],
    ["text", (w) => w.string("tësting"), "00000008 74c3ab7374696e67"],
    ["no-names", (w) => w.nameList([]), "00000000"],
    ["two-names", (w) => w.nameList(["zlib", "none"]), "00000009 7a6c69622c6e6f6e65"],
    ["zero", (w) => w.mpint(hex("0000")), "00000000"],
    ["an-integer", (w) => w.mpint(hex("09a378f9b2e332a7")), "00000008 09a378f9b2e332a7"],
    ["an-integer-with-its-high-bit-set", (w) => w.mpint(hex("0080")), "00000002 0080"],
  ];
  for (const [name, write, wire] of written)
    it(`writes ${name}`, () => assert.deepEqual(write(new WireWriter()).finish(), hex(wire)));
});
