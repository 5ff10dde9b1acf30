import assert from "node:assert/strict";
import fc from "fast-check";
import { WireReader, WireWriter, type CertificateErrorCode } from "../../../src/certificate/index.js";
import { codeOf } from "./samples.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("certificate/wire", () => {
  it("reads back what it wrote, to the last byte", () => {
    const bytes = new WireWriter()
      .byte(7)
      .boolean(true)
      .uint32(0xfffffffe)
      .uint64(2n ** 64n - 1n)
      .string("größe");
    const reader = new WireReader(bytes.mpint(hex("00 80")).raw(hex("aabb")).finish());
    assert.equal(reader.byte(), 7);
    assert.equal(reader.boolean(), true);
    assert.equal(reader.uint32(), 0xfffffffe);
    assert.equal(reader.uint64(), 2n ** 64n - 1n);
    assert.equal(reader.text(100), "größe");
    assert.deepEqual(reader.mpint(1), hex("80"));
    assert.equal(reader.remaining, 2);
    assert.deepEqual(reader.raw(2), hex("aabb"));
    reader.end();
  });

  // RFC 4251 section 5
  const mpints: [wire: string, magnitude: string][] = [
    ["00000000", ""],
    ["00000008 09a378f9b2e332a7", "09a378f9b2e332a7"],
    ["00000002 0080", "80"],
    ["00000001 7f", "7f"],
  ];
  for (const [wire, magnitude] of mpints) {
    it(`reads and writes the integer ${magnitude || "zero"}`, () => {
      assert.deepEqual(new WireReader(hex(wire)).mpint(8), hex(magnitude));
      assert.deepEqual(new WireWriter().mpint(hex(magnitude)).finish(), hex(wire));
    });
  }

  const refused: [
    name: string,
    wire: string,
    read: (reader: WireReader) => unknown,
    code: CertificateErrorCode,
  ][] = [
    ["empty-byte", "", (r) => r.byte(), "truncated"],
    ["short-uint32", "000000", (r) => r.uint32(), "truncated"],
    ["short-uint64", "00000000000000", (r) => r.uint64(), "truncated"],
    ["string-past-the-end", "00000002 61", (r) => r.string(9), "truncated"],
    ["string-over-its-limit", "00000002 6161", (r) => r.string(1), "too-long"],
    ["string-of-four-gigabytes", "ffffffff", (r) => r.string(9), "too-long"],
    ["boolean-two", "02", (r) => r.boolean(), "invalid-boolean"],
    ["text-with-nul", "00000002 6100", (r) => r.text(9), "invalid-text"],
    ["text-overlong-slash", "00000002 c0af", (r) => r.text(9), "invalid-text"],
    ["text-surrogate", "00000003 eda080", (r) => r.text(9), "invalid-text"],
    ["negative-integer", "00000001 80", (r) => r.mpint(9), "invalid-integer"],
    ["zero-as-a-byte", "00000001 00", (r) => r.mpint(9), "invalid-integer"],
    ["needless-leading-zero", "00000002 007f", (r) => r.mpint(9), "invalid-integer"],
    ["integer-over-its-limit", "00000003 010203", (r) => r.mpint(2), "too-long"],
    ["integer-far-over-its-limit", "00000004 01020304", (r) => r.mpint(2), "too-long"],
    ["left-over", "00", (r) => r.end(), "trailing-bytes"],
  ];
  for (const [name, wire, read, code] of refused) {
    it(`refuses ${name}`, () =>
      assert.equal(
        codeOf(() => read(new WireReader(hex(wire)))),
        code,
      ));
  }

  it("keeps every text and every integer", () => {
    const magnitude = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), magnitude, (text, number) => {
        fc.pre(!text.includes("\0"));
        const reader = new WireReader(new WireWriter().string(text).mpint(number).finish());
        assert.equal(reader.text(10_000), text);
        assert.equal(
          BigInt(`0x0${reader.mpint(40).toString("hex")}`),
          BigInt(`0x0${number.toString("hex")}`),
        );
        reader.end();
      }),
    );
  });

  it("writes back whatever integer it reads", () => {
    const nearly = fc
      .uint8Array({ maxLength: 6 })
      .map((bytes) => new WireWriter().string(Buffer.from(bytes)).finish());
    fc.assert(
      fc.property(nearly, (bytes) => {
        let magnitude;
        try {
          magnitude = new WireReader(bytes).mpint(6);
        } catch {
          return; // refused: the table above says which
        }
        assert.deepEqual(new WireWriter().mpint(magnitude).finish(), bytes);
      }),
    );
  });
});
