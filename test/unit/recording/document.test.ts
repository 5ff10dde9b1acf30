import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { magic } from "../../../src/recording/chain.js";
import { decodeFrames } from "../../../src/recording/frame-rows.js";
import { Walk } from "../../../src/recording/walk.js";
import { dataKey, header, typed } from "./samples.js";
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
const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

describe("recording/document", () => {
  it("has the magic and the session of the vector", () => {
    assert.deepEqual(bytes("magic"), magic);
    assert.equal(bytes("session").toString(), header.session);
  });

  it("has the vector's block at its place, with its heads", () => {
    const walk = new Walk();
    const block = splitBlocks(readFileSync(resolve("test/vectors/recording/v1/session.bsr"))).find((each) => {
      const step = walk.enter(each);
      if (step.number === 9) return true;
      walk.leave(step);
      return false;
    });
    assert.deepEqual(block!.bytes, bytes("block"));
    assert.deepEqual(walk.chain.hash, bytes("head before"));
    walk.leave(walk.enter(block!));
    assert.deepEqual(walk.chain.hash, bytes("head after"));
  });

  it("opens the block by what it says, without this room's code", () => {
    const [body, session] = [bytes("block").subarray(2), bytes("session")];
    const associated = Buffer.concat([
      bytes("head before"),
      bytes("nonce").subarray(4),
      Buffer.of(0x10),
      session,
    ]);
    assert.deepEqual(associated, bytes("associated data"));
    const decipher = createDecipheriv("aes-256-gcm", dataKey, bytes("nonce"));
    decipher.setAAD(associated).setAuthTag(body.subarray(-16));
    assert.deepEqual(
      Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()]),
      bytes("frame"),
    );
    assert.deepEqual(sha256(bytes("head before"), sha256(bytes("block"))), bytes("head after"));
  });

  it("reads the frame as it says", () => assert.deepEqual(decodeFrames(bytes("frame")), [typed(1500, "w")]));
});
