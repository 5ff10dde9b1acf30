import assert from "node:assert/strict";
import {
  encodeAuditorPublicKey,
  generateAuditorKey,
  makeRecordingKeys,
  unwrapDataKey,
} from "../../../src/recording/index.js";
import { BlockCipher } from "../../../src/recording/block-cipher.js";
import { Chain, magic } from "../../../src/recording/chain.js";
import { verifyCommitment } from "../../../src/recording/key-commitment.js";
import { splitBlocks } from "./vectors.js";
import { dataKey, header } from "./samples.js";

describe("recording/session-keys", () => {
  const [alice, bob] = [generateAuditorKey(), generateAuditorKey()];
  const make = () =>
    makeRecordingKeys(header, {
      auditors: [encodeAuditorPublicKey(alice)],
      apartAuditors: [encodeAuditorPublicKey(bob)],
    });

  it("seals each key to its own auditors, and commits to both", async () => {
    const made = await make();
    assert.deepEqual(await unwrapDataKey(made.header.keys, [alice], "data"), made.dataKey);
    assert.deepEqual(await unwrapDataKey(made.header.keys, [bob], "apart"), made.apartKey);
    await assert.rejects(unwrapDataKey(made.header.keys, [alice], "apart"), { code: "key-not-for-us" });
    verifyCommitment(made.dataKey, header.session, made.header.keyCommitment);
    verifyCommitment(made.apartKey, header.session, made.header.apartKeyCommitment);
    assert.notDeepEqual(made.dataKey, (await make()).dataKey);
  });

  it("keeps keys where V8 copies nothing, and overwrites them when told", async () => {
    const made = await make();
    for (const key of [made.dataKey, made.apartKey]) assert.ok(key.buffer.byteLength > 64);
    made.wipe();
    assert.deepEqual([made.dataKey, made.apartKey], [Buffer.alloc(32), Buffer.alloc(32)]);
  });

  it("opens nothing with a cipher that was wiped, and leaves the caller's key alone", () => {
    const chain = new Chain();
    const target = Buffer.alloc(100);
    const cipher = new BlockCipher(dataKey, header.session);
    const bytes = cipher.seal(0x10, Buffer.from("frames"), chain, target);
    const [block] = splitBlocks(Buffer.concat([magic, target.subarray(0, bytes)]));
    assert.ok(block);
    assert.equal(cipher.open(block, chain).toString(), "frames");
    cipher.wipe();
    assert.throws(() => cipher.open(block, chain), { code: "block-forged" });
    assert.equal(dataKey[31], 31);
  });
});
