import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SealedBit } from "../../../src/recording/block.js";
import {
  openRecording,
  parseAuditorPrivateKey,
  unwrapDataKey,
  verifyRecording,
  type Head,
  type RecordingHeader,
} from "../../../src/recording/index.js";
import { dataKey, gathered } from "./samples.js";
import { frameLine, makeVector, splitBlocks, vectorFrames, type VectorKeys } from "./vectors.js";

const folder = resolve("test/vectors/recording/v1");
const json = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), "utf8"));

describe("recording/vectors v1", () => {
  const keys = json("keys.json") as VectorKeys;
  const [alice, bob] = [keys.auditors.alice, keys.auditors.bob].map(parseAuditorPrivateKey);

  for (const [name, auditor] of [
    ["session", alice!],
    ["interrupted", alice!],
    ["redacted", bob!],
  ] as const) {
    const path = resolve(folder, `${name}.bsr`);
    const expected = json(`${name}.json`) as {
      head: Head;
      state: string;
      tornBytes: number;
      header: RecordingHeader;
      frames: unknown[];
    };

    it(`reads ${name}.bsr as it was read when it was made`, async () => {
      const reader = await openRecording(path, [auditor]);
      const frames = (await gathered(reader.frames())).map(frameLine);
      await reader.close();
      assert.deepEqual(reader.header, expected.header);
      assert.deepEqual(frames, expected.frames);
      const { state, tornBytes, head } = expected;
      assert.deepEqual(reader.ending, { state, tornBytes, head });
    });

    it(`verifies ${name}.bsr to the head it had`, async () => {
      const { bytes, blocks, hash, state, tornBytes } = await verifyRecording(path, [expected.head]);
      assert.deepEqual(
        { head: { bytes, blocks, hash }, state, tornBytes, header: expected.header, frames: expected.frames },
        expected,
      );
    });

    it(`writes ${name}.bsr to the same bytes, but for what zlib may deflate otherwise`, async () => {
      const [old, made] = [readFileSync(path), await makeVector(name, keys)].map(splitBlocks);
      const deflatedAt = old!.findIndex(({ kind }) => kind >= 16 && (kind & SealedBit.deflated) !== 0);
      assert.equal(deflatedAt, 11);
      const before = (blocks: typeof old) => blocks!.slice(0, deflatedAt).map(({ bytes }) => bytes);
      assert.deepEqual(before(made), before(old));
      assert.deepEqual(
        made!.map(({ kind }) => kind),
        old!.map(({ kind }) => kind),
      );
    });
  }

  it("has the redacted recording's head be the whole one's", () => {
    assert.deepEqual(
      (json("redacted.json") as { head: Head }).head,
      (json("session.json") as { head: Head }).head,
    );
  });

  it("has every frame that was put in", () => {
    const { frames } = json("session.json") as { frames: unknown[] };
    assert.deepEqual(frames.slice(0, -1), vectorFrames.map(frameLine));
  });

  it("is sealed with the key that its auditors unwrap", async () => {
    assert.deepEqual(await unwrapDataKey(keys.keys, [alice!]), dataKey);
    assert.deepEqual(await unwrapDataKey(keys.rewrapped, [bob!]), dataKey);
  });
});
