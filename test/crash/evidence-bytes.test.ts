import assert from "node:assert/strict";
import { encodeVerifierKey } from "../../src/ledger/index.js";
import { verifyEvidence, type EvidenceReport } from "../../src/evidence/index.js";
import type { EvidenceFiles } from "../harness/evidence-folder.js";
import { EvidenceStory } from "../harness/evidence-story.js";
import { memorySource } from "../harness/memory-source.js";

/** Files of at most so many bytes are changed at each of them, larger ones at so many places. */
const SMALL_BYTES = 400;
const PLACES = 24;

describe("crash/evidence-bytes", () => {
  let story: EvidenceStory;
  let files: EvidenceFiles;
  before(async () => {
    story = await EvidenceStory.tell({ entries: 40, isWitnessed: true });
    files = story.files();
  });

  const verify = (changed: EvidenceFiles, isKeyGiven: boolean): Promise<EvidenceReport> =>
    verifyEvidence(memorySource(changed), {
      verifiers: isKeyGiven
        ? [story.forge.log, story.forge.witness].map(({ verifier }) => encodeVerifierKey(verifier))
        : [],
    });

  it("finds nothing where nothing was changed", async () => {
    const { faults, notes, sessions, approvals, entries } = await verify(files, true);
    assert.deepEqual(faults, []);
    assert.match(notes.join(), /^what was asked for in \d+ refusals is here as salted hashes only$/);
    assert.equal(entries, story.forge.entries.length);
    assert.deepEqual(approvals, { quorums: 1, signed: 1 });
    assert.deepEqual(
      {
        total: sessions.total,
        whole: sessions.whole,
        interrupted: sessions.interrupted,
        live: sessions.live,
      },
      { total: 3, whole: 1, interrupted: 1, live: 1 },
    );
  });

  for (const isKeyGiven of [true, false])
    it(`finds and names every changed byte ${isKeyGiven ? "with" : "without"} given keys`, async () => {
      const missed: string[] = [];
      let tried = 0;
      // keys of the evidence's own change nothing about what they do not sign
      const chosen = [...files].filter(([path]) => isKeyGiven || /checkpoint|verifiers/u.test(path));
      for (const [path, bytes] of chosen)
        for (const at of placesOf(path, bytes, story)) {
          const changed = Buffer.from(bytes);
          changed.writeUInt8((bytes[at] ?? 0) ^ (1 << (at % 8)), at);
          const { faults } = await verify(new Map([...files, [path, changed]]), isKeyGiven);
          tried += 1;
          const named = faults.map(({ where }) => where);
          if (!named.includes(path)) missed.push(`${path} at ${at}: ${JSON.stringify(faults)}`);
          const blamed = named.filter((where) => where !== path);
          if (blamed.length > 0)
            missed.push(`${path} at ${at} blames ${blamed.join()}: ${JSON.stringify(faults)}`);
        }
      assert.deepEqual(missed.slice(0, 5), []);
      assert.ok(tried > 500, `only ${tried}`);
    });
});

/** Every byte of small files; of the larger ones some all over, the first and the last. */
function placesOf(path: string, { length }: Buffer, story: EvidenceStory): number[] {
  // what a live session recorded after its last head, nobody has promised yet
  const end = path.includes("recordings") ? Math.min(length, story.promised(path)) : length;
  const step = end <= SMALL_BYTES ? 1 : end / PLACES;
  return [...Array.from({ length: Math.floor(end / step) }, (_, n) => Math.floor(n * step)), end - 1];
}
