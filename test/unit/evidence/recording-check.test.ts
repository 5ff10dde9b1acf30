import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homeSource } from "../../../src/evidence/index.js";
import { findRecording } from "../../../src/evidence/recording-check.js";
import {
  createRecording,
  encodeAuditorPublicKey,
  FrameType,
  generateAuditorKey,
  makeRecordingKeys,
  type AuditorPrivateKey,
  type Head,
} from "../../../src/recording/index.js";
import { keylessHeader } from "../../harness/evidence-story.js";
import { temporaryFolder } from "../../harness/temporary.js";

interface Made {
  readonly path: string;
  readonly heads: readonly Head[];
  readonly auditor: AuditorPrivateKey;
}

/** A recording of three outputs, and the heads after each. */
async function make(folder: string): Promise<Made> {
  const auditor = generateAuditorKey();
  const to = [encodeAuditorPublicKey(auditor)];
  const keys = await makeRecordingKeys(keylessHeader(), { auditors: to, apartAuditors: to });
  const path = join(folder, "x.bsr");
  const { header, dataKey, apartKey } = keys;
  const onFailure = (error: Error) => assert.fail(error);
  const clock = { nowUs: () => 1 };
  const writer = await createRecording(path, {
    ...{ header, dataKey, apartKey, clock, onFailure, durability: { syncEveryMs: 1000 } },
  });
  const heads: Head[] = [];
  for (const text of ["one", "two", "three"]) {
    const payload = Buffer.from(text);
    writer.append({ type: FrameType.channelData, direction: "target", channel: 1, atUs: 1, payload });
    writer.flush();
    heads.push(writer.head());
  }
  heads.push(await writer.close({ outcome: "closed" }));
  return { path, heads, auditor };
}

describe("evidence/recording-check", () => {
  let made: Made;
  let good: Buffer;
  const folder = temporaryFolder("recordings");
  before(async () => {
    made = await make(folder);
    good = readFileSync(made.path);
  });
  afterEach(() => writeFileSync(made.path, good));

  const find = (promised: readonly Head[], keys: readonly AuditorPrivateKey[] = []) =>
    findRecording(homeSource({ home: folder, recordings: folder }), "recordings/x.bsr", promised, { keys });
  const flip = (at: number) => {
    const bytes = Buffer.from(good);
    bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
    writeFileSync(made.path, bytes);
  };

  it("opens every seal with an auditor's key, and none with another's", async () => {
    const found = await find(made.heads, [made.auditor]);
    assert.ok(found.kind === "whole" && found.isOpened);
    const other = await find(made.heads, [generateAuditorKey()]);
    assert.ok(other.kind === "whole" && !other.isOpened);
  });

  it("finds by the seal what no head promised, and only with the key", async () => {
    const [first = assert.fail(), second = assert.fail()] = made.heads;
    flip(second.bytes - 2); // in the second block, of which nothing was promised
    assert.equal((await find([first])).kind, "whole");
    const found = await find([first], [made.auditor]);
    assert.ok(found.kind === "wrong" && found.code === "seal-broken" && found.offset === first.bytes);
  });

  it("says within which bytes it was changed, and with the key in which block", async () => {
    const [first = assert.fail(), second = assert.fail(), , last = assert.fail()] = made.heads;
    flip(second.bytes - 2);
    const found = await find([first, last]);
    assert.ok(found.kind === "wrong" && found.code === "recording-mismatch");
    assert.equal(found.offset, first.bytes);
    assert.ok(found.detail.endsWith(`between byte ${first.bytes} and byte ${last.bytes}`), found.detail);
    const opened = await find([last], [made.auditor]);
    assert.ok(
      opened.kind === "wrong" && opened.code === "recording-mismatch" && opened.offset === first.bytes,
    );
  });

  it("holds it to every head, not only to the last", async () => {
    const [first = assert.fail(), , , last = assert.fail()] = made.heads;
    const found = await find([{ ...first, hash: "00".repeat(32) }, last]);
    assert.ok(found.kind === "wrong" && found.code === "recording-mismatch");
  });

  it("reads no further than what may follow the end", async () => {
    const { bytes } = made.heads.at(-1) ?? assert.fail();
    writeFileSync(made.path, Buffer.concat([good, Buffer.alloc(5 * 1024 * 1024)]));
    const source = homeSource({ home: folder, recordings: folder });
    const found = await findRecording(source, "recordings/x.bsr", made.heads, { keys: [], endBytes: bytes });
    assert.ok(found.kind === "wrong", found.kind);
    assert.ok(found.code === "recording-beyond" || found.code === "recording-invalid", found.code);
  });
});
