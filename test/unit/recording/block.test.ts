import assert from "node:assert/strict";
import fc from "fast-check";
import {
  BlockKind,
  BlockSplitter,
  blockBodyBytesMax,
  encodeBlock,
  type Block,
} from "../../../src/recording/block.js";
import { magic } from "../../../src/recording/chain.js";
import { writeVarint } from "../../../src/recording/varint.js";

function split(pieces: Iterable<Buffer>): { blocks: Block[]; splitter: BlockSplitter } {
  const splitter = new BlockSplitter();
  const blocks: Block[] = [];
  for (const piece of pieces) {
    splitter.push(piece);
    for (let block = splitter.next(); block; block = splitter.next()) blocks.push(block);
  }
  return { blocks, splitter };
}

function tooLong(times = 1): Buffer {
  const prefix = Buffer.alloc(8);
  return prefix.subarray(0, writeVarint(prefix, 0, (blockBodyBytesMax + 1) * times));
}

const some = [
  encodeBlock(BlockKind.header, Buffer.from("{}")),
  encodeBlock(BlockKind.keys, Buffer.from("[]")),
  encodeBlock(BlockKind.sealed | 3, Buffer.alloc(200, 9)),
  encodeBlock(BlockKind.substitute, Buffer.from("{}")),
  Buffer.from("002004aa0dbbbbbb00" + "cc".repeat(16), "hex"),
];
const file = Buffer.concat([magic, ...some]);

describe("recording/block", () => {
  it("cuts blocks out of bytes that come one by one", () => {
    const { blocks, splitter } = split(Array.from(file, (byte) => Buffer.of(byte)));
    assert.deepEqual(
      blocks.map(({ bytes }) => bytes),
      some,
    );
    assert.deepEqual(
      blocks.map(({ offset }) => offset),
      [21, 25, 29, 232, 236],
    );
    assert.equal(splitter.pending.length, 0);
    assert.equal(splitter.offset, file.length);
  });

  it("cuts the same blocks out of any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: file.length })), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), file.length];
        const pieces = at.slice(1).map((end, index) => file.subarray(at[index], end));
        assert.deepEqual(
          split(pieces).blocks.map(({ bytes }) => bytes),
          some,
        );
      }),
    );
  });

  it("says what is left of a torn block", () => {
    const { blocks, splitter } = split([file.subarray(0, 40)]);
    assert.equal(blocks.length, 2);
    assert.equal(splitter.pending.length, 11);
  });

  for (const [name, bytes, code, offset] of [
    ["another-file", Buffer.from("bascule-recording-v2\n"), "not-a-recording", 0],
    ["another-file-from-its-first-byte", Buffer.from("S"), "not-a-recording", 0],
    ["kind-zero", Buffer.concat([magic, encodeBlock(0, Buffer.alloc(0))]), "block-kind-unknown", 21],
    ["kind-beyond", Buffer.concat([magic, encodeBlock(0x14, Buffer.alloc(1))]), "block-kind-unknown", 21],
    ["an-empty-header", Buffer.concat([magic, encodeBlock(1, Buffer.alloc(0))]), "block-kind-unknown", 21],
    ["a-stream-with-a-length", Buffer.concat([magic, Buffer.of(1, 0x20, 0)]), "block-kind-unknown", 21],
    ["an-empty-chunk", Buffer.concat([magic, Buffer.of(0, 0x20, 2)]), "chunk-invalid", 21],
    ["a-deflated-apart-chunk", Buffer.concat([magic, Buffer.of(0, 0x20, 7)]), "chunk-invalid", 21],
    ["a-chunk-too-long", Buffer.concat([magic, Buffer.of(0, 0x20), tooLong(4)]), "block-too-long", 21],
    ["too-long", Buffer.concat([magic, tooLong()]), "block-too-long", 21],
    ["length-not-minimal", Buffer.concat([magic, Buffer.of(0x81, 0x00)]), "varint-invalid", 21],
    ["bad-second-block", Buffer.concat([file.subarray(0, 25), Buffer.of(0, 9)]), "block-kind-unknown", 25],
  ] as const)
    it(`refuses ${name}`, () => assert.throws(() => split([bytes]), { code, offset }));
});
