import assert from "node:assert/strict";
import { encodeFrame, FrameDecoder, frameBytesMax } from "../../../src/rpc/index.js";

const values = [{ name: "größe 🗝", params: [1, null, "x".repeat(3000)] }, [], "", 0, { answer: 1 }];
const stream = Buffer.concat(values.map(encodeFrame));

function withLength(length: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(length);
  return Buffer.concat([head, body]);
}

describe("rpc/framing", () => {
  it("gives back all frames of one chunk, in order", () =>
    assert.deepEqual(new FrameDecoder().push(stream), values));

  it("gives back the same byte by byte", () => {
    const decoder = new FrameDecoder();
    const decoded = [...stream].flatMap((byte) => decoder.push(Buffer.from([byte])));
    assert.deepEqual(decoded, values);
  });

  it("gives back the same however the stream is cut in three", () => {
    const short = Buffer.concat([{ a: 1 }, "é"].map(encodeFrame));
    for (let first = 0; first <= short.length; first++)
      for (let second = first; second <= short.length; second++) {
        const decoder = new FrameDecoder();
        const parts = [short.subarray(0, first), short.subarray(first, second), short.subarray(second)];
        const decoded = parts.flatMap((part) => decoder.push(part));
        assert.deepEqual(decoded, [{ a: 1 }, "é"]);
      }
  });

  it("takes the longest frame, and no longer one, on both sides", () => {
    const longest = "x".repeat(frameBytesMax - 2); // two quotes
    assert.deepEqual(new FrameDecoder().push(encodeFrame(longest)), [longest]);
    assert.throws(() => encodeFrame(`${longest}x`), RangeError);
    assert.throws(() => new FrameDecoder().push(withLength(frameBytesMax + 1)), RangeError);
    assert.throws(() => new FrameDecoder().push(withLength(0xffffffff)), RangeError);
  });

  const refused: [name: string, body: Buffer][] = [
    ["an-empty-frame", Buffer.alloc(0)],
    ["cut-json", Buffer.from('{"a":')],
    ["two-values", Buffer.from("1 2")],
    ["bytes-that-are-not-utf8", Buffer.from([0x22, 0xff, 0x22])],
  ];
  for (const [name, body] of refused)
    it(`refuses ${name}`, () =>
      assert.throws(() => new FrameDecoder().push(withLength(body.length, body)), SyntaxError));
});
