import assert from "node:assert/strict";
import { BlockKind, encodeBlock, SealedBit } from "../../../src/recording/block.js";
import { magic } from "../../../src/recording/chain.js";
import { FrameType, generateAuditorKey, wrapDataKey } from "../../../src/recording/index.js";
import { encodeSubstitute } from "../../../src/recording/substitute.js";
import { dataKey } from "./samples.js";
import { blocks, blocksOf, frames, RecordingOnDisk } from "./recording-on-disk.js";

describe("recording/reader with substitutes", () => {
  const disk = new RecordingOnDisk();
  const parts = () => blocksOf(disk.bytes);

  it("reads around a redacted block, and the chain stays what it was", async () => {
    const head = await disk.verify(disk.bytes);
    const statement = { reason: "a password", by: ["bob", "carol"] };
    const content = Buffer.concat([
      magic,
      ...parts().map((block, number) => (number === 4 ? encodeSubstitute(block, statement) : block.bytes)),
    ]);
    const verified = await disk.verify(content, [head]);
    assert.equal(verified.hash, head.hash);
    assert.equal(verified.bytes, disk.bytes.length);
    assert.deepEqual(
      verified.substitutes.map(({ block, substitute }) => [block, substitute.statement]),
      [[4, statement]],
    );
    const { seen, ending } = await disk.read(content);
    assert.equal(ending!.state, "ended");
    const at = blocks[0]!.length + blocks[1]!.length;
    const withheld = seen[at]!;
    assert.equal(withheld.type, FrameType.withheld);
    assert.equal(withheld.atUs, seen[at - 1]!.atUs);
    assert.deepEqual(JSON.parse(withheld.payload.toString()), {
      why: "redacted",
      block: 4,
      bytes: parts()[4]!.bytes.length,
      statement,
    });
    assert.deepEqual(
      [...seen.slice(0, at), ...seen.slice(at + 1, -1)],
      [blocks[0]!, blocks[1]!, blocks[3]!].flat(),
    );
  });

  it("still ends when its last block was redacted", async () => {
    const content = Buffer.concat([
      magic,
      ...parts().map((block) =>
        block.kind & SealedBit.last && block.kind >= 16 ? encodeSubstitute(block, {}) : block.bytes,
      ),
    ]);
    assert.equal((await disk.verify(content)).state, "ended");
    assert.equal((await disk.read(content)).ending!.state, "ended");
  });

  it("opens for an auditor who was added later, and the chain stays what it was", async () => {
    const head = await disk.verify(disk.bytes);
    const late = generateAuditorKey();
    const keys = await wrapDataKey(dataKey, [late]);
    const rewrapped = encodeSubstitute(parts()[1]!, { keys, by: "carol" });
    const content = Buffer.concat([
      magic,
      parts()[0]!.bytes,
      rewrapped,
      ...parts()
        .slice(2)
        .map((block) => block.bytes),
    ]);
    assert.equal((await disk.verify(content, [head])).hash, head.hash);
    const { seen, header: rekeyed } = await disk.read(content, [late]);
    assert.deepEqual(rekeyed.keys, keys);
    assert.deepEqual(seen.slice(0, -1), frames);
  });

  it("refuses a substitute of the header, of keys without keys, or with a forged hash", async () => {
    assert.throws(() => encodeSubstitute(parts()[0]!, {}), { code: "substitute-invalid" });
    assert.throws(() => encodeSubstitute(parts()[1]!, { reason: "none" }), { code: "substitute-invalid" });
    const forged = encodeSubstitute({ ...parts()[3]!, bytes: Buffer.alloc(40) }, {});
    const content = Buffer.concat([
      magic,
      ...parts().map((block, number) => (number === 3 ? forged : block.bytes)),
    ]);
    assert.equal((await disk.read(content)).error!.code, "block-forged");
    await assert.rejects(disk.verify(content, [await disk.verify(disk.bytes)]), { code: "head-mismatch" });
  });

  it("refuses a statement that is nested deeper than a stack holds", async () => {
    const [first, second] = parts();
    const prefix = Buffer.concat([Buffer.of(BlockKind.sealed, 100), Buffer.alloc(32)]);
    const nested = (depth: number) => Buffer.from(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`);
    const withStatement = (statement: Buffer) => {
      const block = encodeBlock(BlockKind.substitute, Buffer.concat([prefix, statement]));
      return Buffer.concat([magic, first!.bytes, second!.bytes, block]);
    };
    assert.equal((await disk.verify(withStatement(nested(10)))).substitutes.length, 1);
    for (const depth of [17, 30_000])
      await assert.rejects(disk.verify(withStatement(nested(depth))), { code: "substitute-invalid" });
  });
});
