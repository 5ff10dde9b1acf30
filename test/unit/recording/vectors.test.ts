import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { dictionary } from "../../../src/recording/dictionary.js";
import {
  openRecording,
  parseAuditorPrivateKey,
  unwrapDataKey,
  verifyRecording,
  type Head,
  type RecordingHeader,
} from "../../../src/recording/index.js";
import { apartKey, dataKey, gathered } from "./samples.js";
import { frameLine, makeVector, splitBlocks, vectorFrames, type VectorKeys } from "./vectors.js";

const folder = resolve("test/vectors/recording/v1");
const json = (name: string): unknown => JSON.parse(readFileSync(resolve(folder, name), "utf8"));

describe("recording/vectors v1", () => {
  const keys = json("keys.json") as VectorKeys;
  const { alice: a, bob: b, carol: c } = keys.auditors;
  const [alice, bob, carol] = [a, b, c].map(parseAuditorPrivateKey);

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
      unprovenFrames: number;
      frames: unknown[];
      withheld: unknown[];
    };

    it(`reads ${name}.bsr as it was read when it was made`, async () => {
      const reader = await openRecording(path, [auditor], [carol!]);
      const frames = (await gathered(reader.frames())).map(frameLine);
      await reader.close();
      assert.deepEqual(reader.header, expected.header);
      assert.deepEqual(frames, expected.frames);
      const { state, tornBytes, unprovenFrames, head } = expected;
      assert.deepEqual(reader.ending, { state, tornBytes, unprovenFrames, head });
    });

    it(`reads ${name}.bsr without the apart key as far as it may`, async () => {
      const reader = await openRecording(path, [auditor]);
      assert.deepEqual((await gathered(reader.frames())).map(frameLine), expected.withheld);
      await reader.close();
    });

    it(`verifies ${name}.bsr to the head it had`, async () => {
      const { bytes, blocks, hash, state, tornBytes } = await verifyRecording(path, [expected.head]);
      const { head, ...rest } = expected;
      assert.deepEqual({ bytes, blocks, hash }, head);
      assert.deepEqual({ state, tornBytes }, { state: rest.state, tornBytes: rest.tornBytes });
    });

    it(`writes ${name}.bsr to the same blocks, but for what zlib may deflate otherwise`, async () => {
      const [old, made] = [readFileSync(path), await makeVector(name, keys)].map(splitBlocks);
      const kinds = (blocks: typeof old) => blocks!.map(({ kind }) => kind);
      assert.deepEqual(kinds(made), kinds(old));
      assert.deepEqual(made![0]!.bytes, old![0]!.bytes);
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
    assert.deepEqual(await unwrapDataKey(keys.keys, [carol!], "apart"), apartKey);
  });

  it("keeps the dictionary that the format names", () => {
    assert.ok(dictionary.equals(readFileSync(resolve("docs/formats/recording-v1-dictionary.bin"))));
    const named = /SHA-256\s+`([0-9a-f]{64})`/u.exec(
      readFileSync(resolve("docs/formats/recording-v1.md"), "utf8"),
    );
    assert.equal(createHash("sha256").update(dictionary).digest("hex"), named?.[1]);
  });
});
