import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BlockSplitter } from "../../../src/recording/block.js";
import { magic } from "../../../src/recording/chain.js";
import { decodeFrames } from "../../../src/recording/frame-rows.js";
import { decodeTyped, nothingTyped } from "../../../src/recording/typed-chunk.js";
import { Walk } from "../../../src/recording/walk.js";
import { apartKey, dataKey, header, shown, typed } from "./samples.js";
import { splitBlocks } from "./vectors.js";

const text = readFileSync(resolve("docs/formats/recording-v1.md"), "utf8");
const example = new Map(
  /```example\n([^`]*)```/u
    .exec(text)![1]!
    .trimEnd()
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name, hex]) => [name!, Buffer.from(hex!.replaceAll(" ", ""), "hex")]),
);
const bytes = (name: string): Buffer => example.get(name)!;
const stream = (): Buffer => Buffer.concat([bytes("begin and key"), bytes("echo"), bytes("end")]);
const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

describe("recording/document", () => {
  it("has the magic and the session of the vector", () => {
    assert.deepEqual(bytes("magic"), magic);
    assert.equal(bytes("session").toString(), header.session);
  });

  it("goes on where the vector's keys end", () => {
    const walk = new Walk();
    for (const each of splitBlocks(readFileSync(resolve("test/vectors/recording/v1/session.bsr"))).slice(
      0,
      2,
    ))
      walk.leave(walk.enter(each));
    assert.deepEqual(walk.chain.hash, bytes("head before"));
    const splitter = new BlockSplitter();
    splitter.push(Buffer.concat([magic, stream()]));
    walk.leave(walk.enter(splitter.next()!));
    assert.deepEqual(walk.chain.hash, bytes("head after"));
  });

  it("opens the block by what it says, without this room's code", () => {
    const first = Buffer.concat([bytes("nonce of chunks"), Buffer.alloc(4)]);
    const open = (key: Buffer, sealed: Buffer) => createDecipheriv("aes-256-ctr", key, first).update(sealed);
    assert.deepEqual(open(apartKey, bytes("begin and key").subarray(3)), bytes("key"));
    assert.deepEqual(open(dataKey, bytes("echo").subarray(1)), bytes("frames"));
    const mac = createCipheriv("aes-256-gcm", dataKey, bytes("nonce of tag"));
    const number = bytes("nonce of tag").subarray(4);
    const ended = stream().subarray(0, -16);
    mac
      .setAAD(Buffer.concat([bytes("head before"), number, Buffer.of(0x20), bytes("session"), ended]))
      .final();
    assert.deepEqual(mac.getAuthTag(), bytes("end").subarray(1));
    assert.deepEqual(sha256(bytes("head before"), sha256(stream())), bytes("head after"));
  });

  it("reads what it holds as it says", () => {
    assert.deepEqual(decodeTyped(bytes("key"), nothingTyped), typed(1500, "w"));
    assert.deepEqual(decodeFrames(bytes("frames")), [shown(1501, "w")]);
  });
});
