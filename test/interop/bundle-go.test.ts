import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encodeVerifierKey, generateSigner } from "../../src/ledger/index.js";
import { makeBundle } from "../../src/evidence/index.js";
import type { EvidenceFiles } from "../harness/evidence-folder.js";
import { EvidenceStory, recordingOf, sessionName } from "../harness/evidence-story.js";
import { memorySource } from "../harness/memory-source.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { requireTool } from "../harness/tools.js";

/** What Go says of a bundle. */
function judge(files: EvidenceFiles, key: string): Promise<ProgramResult> {
  const folder = temporaryFolder();
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
  return runProgram(requireTool("bundle-check"), [folder, key]);
}

describe("interop/bundle, Go's sumdb/note and sumdb/tlog", () => {
  let story: EvidenceStory;
  let bundle: EvidenceFiles;
  let key: string;
  before(async () => {
    story = await EvidenceStory.tell({ isWitnessed: true, entries: 300 });
    key = encodeVerifierKey(story.forge.log.verifier);
    const home = story.files();
    const { files } = await makeBundle(memorySource(home), sessionName(1));
    bundle = new Map(
      files.map((file) => [file.path, "bytes" in file ? file.bytes : (home.get(file.from) ?? assert.fail())]),
    );
  });

  it("accept every proof of a bundle, its policy and its recording", async () => {
    const { status, stdout, stderr } = await judge(bundle, key);
    assert.deepEqual([status, stderr], [0, ""]);
    const seen = JSON.parse(stdout.toString()) as Record<string, unknown>;
    assert.deepEqual([seen["Session"], seen["Origin"]], [sessionName(1), story.forge.log.verifier.name]);
    assert.equal(
      seen["Entries"],
      [...bundle.keys()].filter((path) => /^entries\/.*json$/u.test(path)).length,
    );
  });

  for (const [row, step, path] of [
    ["the checkpoint", "note", /^ledger\/checkpoint$/u],
    ["any entry", "proof", /^entries\/.*\.json$/u],
    ["any entry's proof", "proof", /^entries\/.*\.tlog-proof$/u],
    ["the session's proof", "proof", /^session\.tlog-proof$/u],
    ["the policy", "policy", /^ledger\/policy/u],
    ["the recording", "recording", /^recordings/u],
  ] as const)
    it(`refuse a changed bit in ${row}`, async () => {
      for (const [name, bytes] of [...bundle].filter(([one]) => path.test(one))) {
        const changed = Buffer.from(bytes);
        const at = bytes.length >> 1;
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        const { status, stderr } = await judge(new Map([...bundle, [name, changed]]), key);
        assert.match(stderr, new RegExp(`^${step}: `, "u"), name);
        assert.equal(status, 1);
      }
    });

  it("refuse another session's recording, another key of the same name, and a missing end", async () => {
    const other = story.recordings.get(recordingOf(2)) ?? assert.fail();
    assert.match((await judge(new Map([...bundle, [recordingOf(1), other]]), key)).stderr, /^recording: /u);
    const forged = encodeVerifierKey(generateSigner(story.forge.log.verifier.name).verifier);
    assert.match((await judge(bundle, forged)).stderr, /^note: /u);
    const without = [...bundle].filter(([path]) => path !== "session.tlog-proof");
    assert.match((await judge(new Map(without), key)).stderr, /^proof: /u);
  });
});
