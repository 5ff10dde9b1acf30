import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeFrames, frameBytesBound, isFrameType, writeFrame } from "../../../src/recording/frame.js";
import type { Direction, Frame } from "../../../src/recording/index.js";
import { frame } from "./samples.js";

function encode(frames: readonly Frame[]): Buffer {
  const target = Buffer.alloc(frames.reduce((sum, each) => sum + frameBytesBound(each), 0));
  let at = 0;
  let previousUs = 0;
  for (const each of frames) {
    at = writeFrame(target, at, each, previousUs);
    previousUs = each.atUs;
  }
  return target.subarray(0, at);
}

const frameTypes = Array.from({ length: 256 }, (_, type) => type).filter(isFrameType);

const arbitraryFrames = fc
  .array(
    fc.record(
      {
        type: fc.constantFrom(...frameTypes),
        direction: fc.constantFrom<Direction>("client", "target", "bastion"),
        channel: fc.nat({ max: 2 ** 24 - 1 }),
        atUs: fc.nat({ max: 2 ** 45 }),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((frames) => frames.sort((a, b) => a.atUs - b.atUs));

describe("recording/frame", () => {
  for (const [name, given, hex] of [
    ["keystroke", frame("channelData", "client", 0, "a"), "5e04000161"],
    ["output-with-time", frame("channelData", "target", 1.5, "hi"), "5e05dc0b026869"],
    ["notice-on-the-connection", frame("notice", "bastion", 0, "", 0), "c0020000"],
    ["far-channel", frame("channelEof", "client", 0, "", 1000), "60a01f0000"],
  ] as const) {
    it(`writes ${name}`, () => assert.equal(encode([given]).toString("hex"), hex));
    it(`reads ${name}`, () => assert.deepEqual(decodeFrames(Buffer.from(hex, "hex")), [given]));
  }

  it("reads back whatever it writes, within the announced bound, to the same bytes", () => {
    fc.assert(
      fc.property(arbitraryFrames, (frames) => {
        const bytes = encode(frames);
        const decoded = decodeFrames(bytes);
        assert.deepEqual(decoded, frames);
        assert.deepEqual(encode(decoded), bytes);
      }),
    );
  });

  it("refuses every truncation", () => {
    const bytes = encode([frame("channelData", "target", 70, "some output")]);
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => decodeFrames(bytes.subarray(0, length)), { code: "frame-invalid" }, `at ${length}`);
  });

  for (const [name, hex, code] of [
    ["window-adjust", "5d040000", "frame-invalid"],
    ["transport-message", "14040000", "frame-invalid"],
    ["withheld-in-a-file", "fe000000", "frame-invalid"],
    ["fourth-direction", "5e070000", "frame-invalid"],
    ["channel-beyond-24-bits", "5e808080800200", "frame-invalid"],
    ["payload-beyond-limit", `5e0400818010${"00".repeat(2 ** 18 + 1)}`, "frame-invalid"],
    ["number-not-minimal", "5e0480000161", "varint-invalid"],
    ["no-frames", "", "frame-invalid"],
  ] as const)
    it(`refuses ${name}`, () => assert.throws(() => decodeFrames(Buffer.from(hex, "hex")), { code }));
});
