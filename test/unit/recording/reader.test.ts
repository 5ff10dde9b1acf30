import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BlockCipher } from "../../../src/recording/block-cipher.js";
import { BlockKind, SealedBit } from "../../../src/recording/block.js";
import { magic } from "../../../src/recording/chain.js";
import {
  commitKey,
  FrameType,
  generateAuditorKey,
  openRecording,
  RecordingError,
  verifyRecording,
  wrapDataKey,
} from "../../../src/recording/index.js";
import { OpenBlock } from "../../../src/recording/open-block.js";
import { StreamBlock } from "../../../src/recording/stream-block.js";
import { Walk } from "../../../src/recording/walk.js";
import { recordingOf, writeInMemory } from "./memory-file.js";
import { apartKey, dataKey, gathered, header, shown, typed } from "./samples.js";
import { blocks, blocksOf, frames, RecordingOnDisk } from "./recording-on-disk.js";

describe("recording/reader and verify", () => {
  const disk = new RecordingOnDisk();

  it("gives the frames as they went in, then the end frame, and says that it ended", async () => {
    const { header: read1, seen, ending } = await disk.read(disk.bytes);
    assert.deepEqual(read1, header);
    assert.deepEqual(seen.slice(0, -1), frames);
    assert.equal(seen.at(-1)!.type, FrameType.end);
    assert.deepEqual(ending, { state: "ended", tornBytes: 0, unprovenFrames: 0, head: ending!.head });
    assert.equal(ending.head.bytes, disk.bytes.length);
  });

  it("may be gone through again", async () => {
    await writeFile(disk.path, disk.bytes);
    const reader = await openRecording(disk.path, dataKey);
    const first = await gathered(reader.frames());
    assert.deepEqual(await gathered(reader.frames()), first);
    await reader.close();
  });

  it("verifies without a key to the head that the writer gave", async () => {
    const { file, writer } = await writeInMemory();
    for (const each of frames) writer.append(each);
    const head = await writer.close({ outcome: "closed" });
    const {
      bytes: length,
      blocks: count,
      hash,
      state,
      header: clear,
      substitutes,
    } = await disk.verify(file.bytes, [head]);
    assert.deepEqual({ bytes: length, blocks: count, hash }, head);
    assert.equal(state, "ended");
    assert.equal(clear.session, header.session);
    assert.deepEqual(substitutes, []);
  });

  it("verifies every head that was promised on the way", async () => {
    const { file, writer } = await writeInMemory();
    const heads = [writer.head()];
    for (const each of frames) {
      writer.append(each);
      writer.flush();
      heads.push(writer.head());
    }
    heads.push(await writer.close({ outcome: "closed" }));
    await disk.verify(file.bytes, heads);
    for (const head of heads) {
      const other = { ...head, hash: "0".repeat(64) };
      await assert.rejects(disk.verify(file.bytes, [other]), { code: "head-mismatch", offset: head.bytes });
      await assert.rejects(disk.verify(file.bytes, [{ ...head, bytes: head.bytes + 1 }]), {
        code: "head-mismatch",
      });
    }
  });

  it("finds every truncation: by itself as torn or open, with a promised head as a mismatch", async () => {
    const whole = blocksOf(disk.bytes);
    const head = await disk.verify(disk.bytes);
    const opening = whole[1]!.offset + whole[1]!.bytes.length;
    for (let length = 0; length < disk.bytes.length; length++) {
      await writeFile(disk.path, disk.bytes.subarray(0, length));
      const end = whole.findLast((block) => block.offset + block.bytes.length <= length);
      if (length < opening) {
        await assert.rejects(verifyRecording(disk.path), { code: "header-truncated" }, `at ${length}`);
        await assert.rejects(openRecording(disk.path, dataKey), { code: "header-truncated" }, `at ${length}`);
        continue;
      }
      await assert.rejects(verifyRecording(disk.path, [head]), { code: "head-mismatch" }, `at ${length}`);
      const { state, tornBytes } = await verifyRecording(disk.path);
      assert.deepEqual(
        { state, tornBytes },
        { state: "open", tornBytes: length - end!.offset - end!.bytes.length },
      );
      const { ending, seen } = await disk.read(disk.bytes.subarray(0, length));
      assert.deepEqual([ending!.state, ending!.tornBytes], ["open", tornBytes]);
      const complete = whole.filter((block) => block.offset + block.bytes.length <= length).length - 2;
      assert.deepEqual(seen, blocks.slice(0, complete).flat());
    }
  }).timeout(120_000);

  it("finds every single flipped bit: the verifier by the promised head, the reader in all that is sealed", async () => {
    const small = {
      ...header,
      approvers: [],
      reason: "r",
      policy: "p",
      hostKey: "h",
      target: "t",
      bastion: "b",
    };
    const content = await recordingOf([[typed(1, "a")], [shown(2, "a")]], { header: small });
    const { seen: whole } = await disk.read(content);
    const head = await disk.verify(content);
    const file = openSync(disk.path, "r+");
    const put = (byte: number, at: number) => writeSync(file, Buffer.of(byte), 0, 1, at);
    for (const [at, byte] of content.entries()) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const place = `byte ${at}, bit ${bit}`;
        put(byte ^ bit, at);
        await assert.rejects(verifyRecording(disk.path, [head]), RecordingError, place);
        const { seen, ending } = await disk.readAsItIs(dataKey).catch((error: unknown) => {
          if (!(error instanceof RecordingError)) throw error;
          return { seen: [], ending: undefined };
        });
        // Without a promise a length that grew looks like a torn end; what was given out before is true all the same.
        assert.notEqual(ending?.state, "ended", place);
        assert.deepEqual(seen, whole.slice(0, seen.length), place);
      }
      put(byte, at);
    }
    closeSync(file);
  });

  it("gives out what came before the first corrupt block, and names its place", async () => {
    const third = blocksOf(disk.bytes)[4]!;
    const changed = Buffer.from(disk.bytes);
    changed[third.offset + 5]! ^= 1;
    const { seen, error } = await disk.read(changed);
    assert.deepEqual(seen, [...blocks[0]!, ...blocks[1]!]);
    assert.equal(error!.code, "block-forged");
    assert.equal(error!.offset, third.offset);
  });

  describe("refuses what is well-formed and not true:", () => {
    const parts = () => blocksOf(disk.bytes).map((block) => block.bytes);
    const file = (...pieces: Buffer[]) => Buffer.concat([magic, ...pieces]);
    const walkedPast = (before: Buffer[]): Walk => {
      const walk = new Walk();
      for (const block of blocksOf(file(...before))) walk.leave(walk.enter(block));
      return walk;
    };
    const sealed = (kind: number, plain: Buffer, after: Buffer[]): Buffer => {
      const walk = walkedPast(after);
      const target = Buffer.alloc(plain.length + 64);
      const length = new BlockCipher(dataKey, header.session).seal(kind, plain, walk.chain, target);
      return target.subarray(0, length);
    };
    const plainFrame = Buffer.from("04035e040061", "hex");
    const plainEnd = Buffer.from("0405ff02007b7d", "hex");
    const endAndFrame = Buffer.from("0805ff0200035e04007b7d61", "hex");

    for (const [name, content, code] of [
      [
        "two blocks swapped",
        () => file(...parts().with(3, parts()[4]!).with(4, parts()[3]!)),
        "block-forged",
      ],
      ["a block twice", () => file(...parts().toSpliced(3, 0, parts()[3]!)), "block-forged"],
      ["a block left out", () => file(...parts().toSpliced(3, 1)), "block-forged"],
      ["no keys", () => file(...parts().toSpliced(1, 1)), "block-order"],
      ["keys before the header", () => file(parts()[1]!, parts()[0]!), "block-order"],
      ["a second header", () => file(...parts().slice(0, 4), parts()[0]!), "block-order"],
      ["a block behind the last", () => file(...parts(), parts()[3]!), "block-order"],
      ["disk.bytes behind the last block", () => file(...parts(), Buffer.of(9)), "block-order"],
      [
        "an end frame in a middle block",
        () => file(...parts().slice(0, 2), sealed(BlockKind.sealed, plainEnd, parts().slice(0, 2))),
        "end-misplaced",
      ],
      [
        "a last block without an end frame",
        () =>
          file(
            ...parts().slice(0, 2),
            sealed(BlockKind.sealed | SealedBit.last, plainFrame, parts().slice(0, 2)),
          ),
        "end-misplaced",
      ],
      [
        "frames behind the end frame",
        () =>
          file(
            ...parts().slice(0, 2),
            sealed(BlockKind.sealed | SealedBit.last, endAndFrame, parts().slice(0, 2)),
          ),
        "end-misplaced",
      ],
      [
        "time that runs backwards",
        () => file(...parts().slice(0, 4), sealed(BlockKind.sealed, plainFrame, parts().slice(0, 4))),
        "frame-invalid",
      ],
      [
        "deflate that is none",
        () =>
          file(
            ...parts().slice(0, 2),
            sealed(BlockKind.sealed | SealedBit.deflated, plainFrame, parts().slice(0, 2)),
          ),
        "deflate-invalid",
      ],
      [
        "an empty sealed block",
        () => file(...parts().slice(0, 2), sealed(BlockKind.sealed, Buffer.alloc(0), parts().slice(0, 2))),
        "frame-invalid",
      ],
      [
        "a sealed block shorter than its tag",
        () => file(...parts().slice(0, 2), Buffer.of(3, 0x10, 1, 2, 3)),
        "block-forged",
      ],
    ] as const)
      it(name, async () => {
        const outcome = await disk
          .read(content())
          .catch((error: unknown) => ({ error: error as RecordingError }));
        assert.equal(outcome.error?.code, code);
        assert.equal(typeof outcome.error.offset, "number");
      });

    it("a recording under another session's name", async () => {
      const commitments = {
        keyCommitment: commitKey(dataKey, "ses-other"),
        apartKeyCommitment: commitKey(apartKey, "ses-other"),
      };
      const renamed = { ...header, session: "ses-other", ...commitments };
      const other = await recordingOf([], { header: renamed, end: false });
      const { error } = await disk.read(Buffer.concat([other, ...parts().slice(2)]));
      assert.equal(error!.code, "block-forged");
    });

    it("a deflate bomb", async () => {
      const { deflateRawSync } = await import("node:zlib");
      const opening = parts().slice(0, 2);
      const bomb = sealed(
        BlockKind.sealed | SealedBit.deflated,
        deflateRawSync(Buffer.alloc(2 ** 20)),
        opening,
      );
      assert.equal((await disk.read(file(...opening, bomb))).error!.code, "block-too-long");
      const twoStreams = Buffer.concat([deflateRawSync(plainFrame), Buffer.of(0)]);
      const trailing = sealed(BlockKind.sealed | SealedBit.deflated, twoStreams, opening);
      assert.equal((await disk.read(file(...opening, trailing))).error!.code, "deflate-invalid");
    });

    it("a stream block of chunks that are each within the limit, and together no longer", async () => {
      const opening = parts().slice(0, 2);
      const cipher = (key: Buffer) => new BlockCipher(key, header.session);
      const stream = new StreamBlock(cipher(dataKey), cipher(apartKey), walkedPast(opening).chain);
      const pieces: Buffer[] = [];
      const write = (bytes: Buffer): void => {
        pieces.push(Buffer.from(bytes));
        stream.written();
      };
      write(stream.addTyped(typed(0, "w")));
      for (let chunk = 0; chunk < 3; chunk += 1) {
        const open = new OpenBlock();
        open.add(shown(1, Buffer.alloc(200 * 1024)), true);
        write(stream.addFrames(open));
      }
      write(stream.finish());
      assert.ok(Buffer.concat(pieces).length < 10_000);
      assert.equal((await disk.read(file(...opening, ...pieces))).error!.code, "block-too-long");
    });
  });

  describe("with keys", () => {
    it("opens for auditors it is sealed to, and for no other", async () => {
      const [alice, bob, eve] = [generateAuditorKey(), generateAuditorKey(), generateAuditorKey()];
      const keys = await wrapDataKey(dataKey, [alice, bob]);
      const content = await recordingOf(blocks, { header: { ...header, keys } });
      for (const auditor of [alice, bob])
        assert.deepEqual((await disk.read(content, [eve, auditor])).seen.slice(0, -1), frames);
      await assert.rejects(disk.read(content, [eve]), { code: "key-not-for-us" });
    });

    it("refuses a key that the header does not commit to, before any frame", async () => {
      await assert.rejects(disk.read(disk.bytes, randomBytes(32)), { code: "key-commitment" });
      const alice = generateAuditorKey();
      const keys = await wrapDataKey(randomBytes(32), [alice]);
      const content = await recordingOf(blocks, { header: { ...header, keys } });
      await assert.rejects(disk.read(content, [alice]), { code: "key-commitment" });
    });

    it("says that a file cannot be read", async () => {
      await assert.rejects(openRecording(join(disk.folder, "none.bsr"), dataKey), { code: "read-failed" });
      await assert.rejects(verifyRecording(disk.folder), { code: "read-failed" });
      const pipe = join(disk.folder, "pipe.bsr");
      execFileSync("mkfifo", [pipe]);
      await assert.rejects(verifyRecording(pipe), { code: "read-failed" }); // nobody ever writes to it
    });
  });
});
