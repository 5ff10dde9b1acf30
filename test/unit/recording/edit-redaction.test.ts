import assert from "node:assert/strict";
import { linkSync, openSync, readSync, closeSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  commitRewrite,
  exportRecording,
  inspectStretch,
  openRecording,
  prepareRedaction,
  substituteFaults,
  verifyRecording,
  type Head,
} from "../../../src/recording/index.js";
import { digestOfBlocks } from "../../../src/recording/edit/substitute-faults.js";
import { generateAuditorKey, wrapDataKey } from "../../../src/recording/index.js";
import { FaultyFiles, RecordingFolder } from "./edit-on-disk.js";
import { recordingOf } from "./memory-file.js";
import { blocksOf } from "./recording-on-disk.js";
import { crossed, statement, stretch } from "./redacted-sample.js";
import { dataKey, header } from "./samples.js";

describe("recording/edit redaction", () => {
  const folder = new RecordingFolder();
  const auditor = generateAuditorKey();
  let original: Buffer;
  let head: Head;
  before(async () => {
    original = await recordingOf(crossed, {
      header: { ...header, keys: await wrapDataKey(dataKey, [auditor]) },
    });
  });
  beforeEach(async () => {
    folder.put(original);
    const { bytes, blocks, hash } = await verifyRecording(folder.path);
    head = { bytes, blocks, hash };
  });

  const prepare = (files?: FaultyFiles) =>
    prepareRedaction(folder.path, stretch, { statement, promised: head }, files);
  const redacted = async (): Promise<string> => {
    const { prepared, substitutes } = await prepare();
    await commitRewrite(prepared);
    return substitutes;
  };
  const exported = async (format: "text" | "jsonl" | "asciicast-v2", keys = true): Promise<string> => {
    const reader = await openRecording(folder.path, dataKey);
    const pieces: Buffer[] = [];
    for await (const piece of exportRecording(reader, format, { keys })) pieces.push(piece);
    await reader.close();
    return Buffer.concat(pieces).toString();
  };

  it("takes the blocks out, keeps the chain, and names what stands there", async () => {
    const substitutes = await redacted();
    const now = await verifyRecording(folder.path, [head]);
    assert.deepEqual([now.hash, now.bytes, now.state], [head.hash, head.bytes, "ended"]);
    assert.deepEqual(
      now.substitutes.map(({ block, substitute }) => [block, substitute.statement]),
      [
        [4, statement],
        [5, statement],
      ],
    );
    assert.equal(digestOfBlocks(now.substitutes.map(({ bytes }) => bytes)), substitutes);
    const allowed = { redacted: [{ redaction: "red-1", ...stretch, substitutes }] };
    assert.deepEqual(substituteFaults(now.substitutes, allowed), []);
    assert.equal(substituteFaults(now.substitutes, {}).length, 2);
  });

  it("leaves every other block as it was, byte for byte, and no other file", async () => {
    await redacted();
    const [before, after] = [blocksOf(original), blocksOf(folder.bytes)];
    for (const [number, block] of before.entries())
      assert.equal(after[number]?.bytes.equals(block.bytes), number < 4 || number > 5, `block ${number}`);
    for (const number of [4, 5])
      assert.equal(folder.bytes.includes(before[number]!.body), false, `block ${number} is there`);
    assert.deepEqual(folder.names, ["ses.bsr"]);
    assert.equal(statSync(folder.path).mode & 0o777, 0o600);
  });

  for (const format of ["text", "jsonl", "asciicast-v2"] as const)
    it(`keeps the secret out of ${format}, and says why, who and once`, async () => {
      assert.match(await exported(format), /correct horse/u);
      await redacted();
      const text = await exported(format);
      assert.doesNotMatch(text, /horse/u);
      assert.match(text, /a password/u);
      assert.match(text, format === "jsonl" ? /"approvedBy":"erin"/u : /asked by dave, approved by\s+erin/u);
      assert.match(text, /done/u);
      if (format !== "jsonl") assert.equal(text.match(/\[redacted/gu)?.length, 1);
    });

  it("writes zeros over what it took from the old file", async () => {
    const old = openSync(folder.path, "r");
    try {
      await redacted();
      const bytes = Buffer.alloc(original.length);
      readSync(old, bytes, 0, bytes.length, 0);
      for (const number of [4, 5]) {
        const { offset, bytes: block } = blocksOf(original)[number]!;
        assert.ok(bytes.subarray(offset, offset + block.length).every((byte) => byte === 0));
      }
    } finally {
      closeSync(old);
    }
  });

  it("leaves a backup of hard links as it is", async () => {
    const backup = join(dirname(folder.path), "backup");
    linkSync(folder.path, backup);
    await redacted();
    assert.deepEqual(readFileSync(backup), original);
  });

  it("does the same again for what is done already, and refuses another statement there", async () => {
    const substitutes = await redacted();
    const before = folder.bytes;
    assert.equal(await redacted(), substitutes);
    assert.deepEqual(folder.bytes, before);
    const other = { ...statement, reason: "no reason" };
    await assert.rejects(prepareRedaction(folder.path, stretch, { statement: other, promised: head }), {
      code: "substitute-invalid",
    });
    assert.deepEqual(folder.names, ["ses.bsr"]);
  });

  const impossible = {
    "the-end": [
      { from: 6, to: 7 },
      { reason: "end-block", block: 7 },
    ],
    "what-is-not-there": [
      { from: 6, to: 12 },
      { reason: "end-block", block: 7 },
    ],
    "what-is-far-beyond": [
      { from: 30, to: 31 },
      { reason: "no-such-block", last: 7 },
    ],
  } as const;
  for (const [name, [blocks, fault]] of Object.entries(impossible))
    it(`refuses ${name}, and leaves nothing behind`, async () => {
      assert.deepEqual((await inspectStretch(folder.path, blocks)).fault, fault);
      const about = { statement, promised: head };
      await assert.rejects(prepareRedaction(folder.path, blocks, about), { code: "substitute-invalid" });
      assert.deepEqual(folder.names, ["ses.bsr"]);
      assert.deepEqual(folder.bytes, original);
    });

  it("knows what is gone already, and how much would go", async () => {
    const bytes = [4, 5].reduce((sum, number) => sum + blocksOf(original)[number]!.bytes.length, 0);
    assert.deepEqual(await inspectStretch(folder.path, stretch), { bytes });
    await redacted();
    const { fault } = await inspectStretch(folder.path, { from: 3, to: 5 });
    assert.deepEqual(fault, { reason: "redacted-before", block: 4 });
  });

  it("builds nothing on a recording that is not the promised one", async () => {
    const promised = { ...head, hash: "0".repeat(64) };
    await assert.rejects(prepareRedaction(folder.path, stretch, { statement, promised }), {
      code: "head-mismatch",
    });
    assert.deepEqual(folder.names, ["ses.bsr"]);
  });

  it("keeps what a dead writer left behind the last whole block", async () => {
    const torn = Buffer.from([0x80, 0x01, 0x10, 0xaa]);
    const open = blocksOf(original).slice(0, 7);
    folder.put(Buffer.concat([original.subarray(0, open.at(-1)!.offset + open.at(-1)!.bytes.length), torn]));
    const { torn: before, ...at } = await verifyRecording(folder.path);
    assert.ok(before);
    const promised = { bytes: at.bytes, blocks: at.blocks, hash: at.hash };
    const { prepared } = await prepareRedaction(folder.path, stretch, { statement, promised });
    await commitRewrite(prepared);
    const after = await verifyRecording(folder.path, [promised]);
    assert.deepEqual([after.torn, after.state], [before, "open"]);
  });

  describe("when a step fails", () => {
    const steps = ["remove", "create", "write", "sync", "close", "syncFolder", "rename", "syncFolder"];
    it("takes these steps", async () => {
      const files = new FaultyFiles();
      const { prepared } = await prepare(files);
      await commitRewrite(prepared, files);
      assert.deepEqual(files.steps, steps);
    });

    for (const [index, step] of steps.entries())
      for (const persisted of [false, true])
        it(`has the old recording or the new one after ${step} (${index + 1}) failed${persisted ? " but persisted" : ""}, and comes to the same`, async () => {
          const files = new FaultyFiles(index + 1, persisted);
          const codes = ["create-failed", "write-failed", "sync-failed", "replace-failed"];
          const doing = prepare(files).then(({ prepared }) => commitRewrite(prepared, files));
          await assert.rejects(doing, (error: { code: string }) => codes.includes(error.code));
          const isNew = index > 6 || (index === 6 && persisted);
          const between = await verifyRecording(folder.path, [head]);
          assert.equal(between.substitutes.length, isNew ? 2 : 0);
          const substitutes = await redacted();
          const after = await verifyRecording(folder.path, [head]);
          const allowed = { redacted: [{ redaction: "red-1", ...stretch, substitutes }] };
          assert.deepEqual(substituteFaults(after.substitutes, allowed), []);
          assert.deepEqual(folder.names, ["ses.bsr"]);
        });
  });
});
