import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeFrames } from "../../../src/recording/frame-rows.js";
import { isFrameType } from "../../../src/recording/frame.js";
import type { Direction, Frame } from "../../../src/recording/index.js";
import { OpenBlock } from "../../../src/recording/open-block.js";
import { decodeTyped, encodeTyped, nothingTyped } from "../../../src/recording/typed-chunk.js";
import { frame, typed } from "./samples.js";

function encode(frames: readonly Frame[], sinceMs = 0): Buffer {
  const open = new OpenBlock();
  for (const each of frames) {
    assert.ok(open.hasRoomFor(each));
    open.add(each, false);
  }
  const bytes = Buffer.from(open.plain(sinceMs));
  open.reset();
  return bytes;
}

const frameTypes = Array.from({ length: 256 }, (_, type) => type).filter(isFrameType);

const arbitraryFrames = fc
  .array(
    fc.record(
      {
        type: fc.constantFrom(94, ...frameTypes),
        direction: fc.constantFrom<Direction>("client", "target", "bastion"),
        channel: fc.oneof(fc.constant(1), fc.nat({ max: 2 ** 24 - 1 })),
        atUs: fc.nat({ max: 2 ** 35 }).map((ms) => ms * 1000),
        payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 20 },
  )
  .map((frames) => frames.sort((a, b) => a.atUs - b.atUs));

describe("recording/frame", () => {
  for (const [name, given, hex] of [
    ["output", frame("channelData", "target", 0, "a"), "02020061"],
    ["keystroke", frame("channelData", "client", 0, "a"), "04035e040061"],
    ["output-with-time", frame("channelData", "target", 1500, "hi"), "0304dc0b6869"],
    ["notice-on-the-connection", frame("notice", "bastion", 0, "", 0), "0401c00200"],
    ["far-channel", frame("channelEof", "client", 0, "", 1000), "050160a01f00"],
  ] as const) {
    it(`writes ${name}`, () => assert.equal(encode([given]).toString("hex"), hex));
    it(`reads ${name}`, () => assert.deepEqual(decodeFrames(Buffer.from(hex, "hex")), [given]));
  }

  it("tells a frame against the one before it", () => {
    const frames = [1000, 1090].map((atMs) => frame("channelData", "target", atMs, "l"));
    assert.equal(encode(frames, 990).toString("hex"), "04020a025a6c6c");
    assert.deepEqual(decodeFrames(encode(frames, 990), 990), frames);
  });

  it("reads back whatever it writes, to the same bytes", () => {
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
    ["window-adjust", "04015d0400", "frame-invalid"],
    ["transport-message", "0401140400", "frame-invalid"],
    ["withheld-in-a-file", "0401fe0000", "frame-invalid"],
    ["fourth-direction", "04015e0700", "frame-invalid"],
    ["channel-beyond-24-bits", "08015e8080808002" + "00", "frame-invalid"],
    ["the-same-named-again", "04015e0500", "frame-invalid"],
    ["number-not-minimal", "03800000", "varint-invalid"],
    ["bytes-behind-the-payloads", "0202006161", "frame-invalid"],
    ["no-rows", "0061", "frame-invalid"],
    ["no-frames", "", "frame-invalid"],
  ] as const)
    it(`refuses ${name}`, () => assert.throws(() => decodeFrames(Buffer.from(hex, "hex")), { code }));

  it("refuses a payload beyond the limit", () => {
    const plain = Buffer.concat([Buffer.from("0482802000", "hex"), Buffer.alloc(2 ** 18 + 1)]);
    assert.throws(() => decodeFrames(plain), { code: "frame-invalid" });
  });

  it("leaves nothing of a block in its buffer", () => {
    const open = new OpenBlock();
    open.add(frame("channelData", "target", 1, "secret".repeat(100)), true);
    const plain = open.plain(0);
    assert.ok(plain.includes("secret"));
    open.reset();
    assert.ok(plain.every((byte) => byte === 0));
  });
});

describe("recording/frame typed apart", () => {
  for (const [name, given, hex] of [
    ["a-key", typed(100, "a"), "900361"],
    ["another-channel", typed(100, "a", 2), "91030261"],
    ["extended-data", frame("channelExtendedData", "client", 1, "xxxxa"), "067878787861"],
  ] as const) {
    it(`writes ${name}`, () => assert.equal(encodeTyped(given, nothingTyped).toString("hex"), hex));
    it(`reads ${name}`, () => assert.deepEqual(decodeTyped(Buffer.from(hex, "hex"), nothingTyped), given));
  }

  for (const [name, hex, code] of [
    ["nothing", "", "frame-invalid"],
    ["the-same-channel-named", "010161", "frame-invalid"],
    ["a-channel-too-far", "018080808008", "frame-invalid"],
    ["a-number-not-minimal", "8000", "varint-invalid"],
  ] as const)
    it(`refuses ${name}`, () =>
      assert.throws(() => decodeTyped(Buffer.from(hex, "hex"), nothingTyped), { code }));
});
