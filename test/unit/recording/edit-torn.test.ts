import assert from "node:assert/strict";
import {
  commitRewrite,
  exportRecording,
  generateAuditorKey,
  inspectStretch,
  openRecording,
  preparedAgain,
  prepareRedaction,
  substituteFaults,
  verifyRecording,
  wrapDataKey,
  type Head,
  type RedactionStatement,
} from "../../../src/recording/index.js";
import { RecordingFolder } from "./edit-on-disk.js";
import { recordingOf } from "./memory-file.js";
import { dataKey, header, shell, shown, typed } from "./samples.js";

const secret = "correct horse battery staple";
const statement: RedactionStatement = {
  ...{ redaction: "red-1", reason: "a password", by: "dave", approvedBy: "erin", atMs: 1, entry: 7 },
};
/** Ends the stream block that is open. */
const filler = (atMs: number) => shown(atMs, " ".repeat(64 * 1024));

describe("recording/edit of what a dead writer left behind the last whole block", () => {
  const folder = new RecordingFolder();
  const auditor = generateAuditorKey();
  const exported = async (): Promise<string> => {
    const reader = await openRecording(folder.path, dataKey);
    const pieces: Buffer[] = [];
    for await (const piece of exportRecording(reader, "text", { keys: true })) pieces.push(piece);
    await reader.close();
    return Buffer.concat(pieces).toString();
  };
  const tail = { from: 4, to: 4 };
  let torn: Buffer;
  let promised: Head;
  beforeEach(async () => {
    const blocks = [
      [...shell(), filler(1000)],
      [shown(2000, "$ "), filler(2001)],
      [typed(7000, secret), shown(7001, secret)],
    ];
    const keys = await wrapDataKey(dataKey, [auditor]);
    torn = await recordingOf(blocks, { terminal: true, end: false, header: { ...header, keys } });
    folder.put(torn);
    const { bytes, blocks: whole, hash, torn: left } = await verifyRecording(folder.path);
    assert.ok(left);
    promised = { bytes, blocks: whole, hash, torn: left };
    assert.equal(whole, tail.from);
  });

  const take = async (from = tail.from): Promise<string> => {
    const wanted = { from, to: tail.to };
    const { prepared, substitutes } = await prepareRedaction(folder.path, wanted, { statement, promised });
    await commitRewrite(prepared);
    return substitutes;
  };

  it("takes it out, keeps its length and hash, and names what stands there", async () => {
    assert.match(await exported(), /horse/u);
    const substitutes = await take();
    assert.equal(folder.bytes.includes(torn.subarray(promised.bytes)), false);
    assert.ok(folder.bytes.subarray(0, promised.bytes).equals(torn.subarray(0, promised.bytes)));
    const inside = { ...promised, bytes: promised.bytes + 1, blocks: promised.blocks + 1 };
    const live = { bytes: inside.bytes, blocks: inside.blocks, hash: inside.hash }; // promised while it was live
    const now = await verifyRecording(folder.path, [live, promised]);
    assert.deepEqual([now.torn, now.tornBytes, now.state], [promised.torn, 0, "open"]);
    const allowed = { redacted: [{ redaction: "red-1", ...tail, substitutes }] };
    assert.deepEqual(substituteFaults(now.substitutes, allowed), []);
    assert.deepEqual(
      substituteFaults(now.substitutes, {}).map(({ code, block }) => [code, block]),
      [["substitute-unknown", tail.from]],
    );
    const text = await exported();
    assert.doesNotMatch(text, /horse/u);
    assert.match(text, /a password/u);
  });

  it("takes it out with the block before it, and comes to the same after a crash", async () => {
    const wanted = { from: tail.from - 1, to: tail.to };
    const about = { statement, promised };
    const { prepared } = await prepareRedaction(folder.path, wanted, about);
    assert.deepEqual(
      prepared.gone.map(({ offset, bytes }) => offset + bytes),
      [promised.bytes, torn.length],
    );
    assert.deepEqual((await preparedAgain(folder.path))?.gone, prepared.gone);
    await commitRewrite(prepared);
    const once = folder.bytes;
    await take(wanted.from);
    assert.ok(folder.bytes.equals(once));
    const now = await verifyRecording(folder.path, [promised]);
    assert.deepEqual([now.substitutes.length, now.torn], [2, promised.torn]);
  });

  it("builds nothing on what is not what was promised, or is not there", async () => {
    assert.deepEqual(await inspectStretch(folder.path, tail, promised), { bytes: promised.torn?.bytes });
    const beyond = await inspectStretch(folder.path, { from: tail.from, to: tail.to + 1 }, promised);
    assert.deepEqual(beyond.fault, { reason: "no-such-block", last: tail.to });
    folder.put(Buffer.concat([torn.subarray(0, -1), Buffer.of((torn.at(-1) ?? 0) ^ 1)]));
    const another = { code: "head-mismatch" };
    await assert.rejects(inspectStretch(folder.path, tail, promised), another);
    await assert.rejects(take(), another);
    folder.put(torn);
    await take();
    const again = await inspectStretch(folder.path, tail, promised);
    assert.deepEqual(again.fault, { reason: "redacted-before", block: tail.from });
  });

  it("lets nothing follow it, nor stand for another", async () => {
    await take();
    const after = folder.bytes;
    for (const more of [Buffer.of(1), after.subarray(promised.bytes)]) {
      folder.put(Buffer.concat([after, more]));
      await assert.rejects(verifyRecording(folder.path, [promised]), { code: "block-order" });
    }
    folder.put(after);
    const other = { ...promised, torn: { bytes: 1, hash: "0".repeat(64) } };
    await assert.rejects(verifyRecording(folder.path, [other]), { code: "head-mismatch" });
    const longer = { bytes: promised.bytes + (promised.torn?.bytes ?? 0) + 1, blocks: tail.from + 1 };
    const live = { ...longer, hash: "0".repeat(64) };
    await assert.rejects(verifyRecording(folder.path, [live]), { code: "head-mismatch" });
  });
});
