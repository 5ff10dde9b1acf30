import assert from "node:assert/strict";
import { verifyEvidence, type EvidenceReport, type VerifyEvidenceOptions } from "../../src/evidence/index.js";
import { encodeVerifierKey } from "../../src/ledger/index.js";
import type { EvidenceFiles } from "../harness/evidence-folder.js";
import { EvidenceStory, recordingOf, sessionName, START_MS } from "../harness/evidence-story.js";
import { memorySource } from "../harness/memory-source.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** When the story's first entries were written, by everybody's clock. */
const soon = START_MS + 60_000;

describe("crash/evidence-clocks", () => {
  it("finds a recording that was deleted in time by a clock that was set ahead, by the newest witnessed checkpoint", async () => {
    const story = await keptForAWeek();
    story.pass(WEEK);
    const entry = deleteFirst(story);
    assert.deepEqual(await told(story), []); // without a witness nobody can tell
    const report = await verify(story, seen(story, START_MS + HOUR));
    assert.deepEqual(short(report), [`time-disproved ${String(entry)} ${sessionName(1)}`]);
    assert.match(
      report.faults[0]?.detail ?? "",
      /was to be kept until 2025-10-16 .* witness\.example had this entry by 2025-10-09/u,
    );
    assert.ok(
      report.notes.some((note) =>
        note.startsWith(`the clock was ahead between entries ${String(entry)} and`),
      ),
    );
  });

  it("finds it for ever after: by a cosignature in an entry, or on a checkpoint that was kept", async () => {
    const story = await keptForAWeek();
    story.pass(WEEK);
    const entry = deleteFirst(story);
    const kept = { where: "kept.txt", note: story.forge.witnessed(entry + 1, START_MS + HOUR) };
    const fault = `time-disproved ${String(entry)} ${sessionName(1)}`;
    cosign(story, START_MS + HOUR);
    const later = (files: EvidenceFiles) => new Map([...files, ...seen(story, START_MS + 2 * WEEK)]);
    assert.deepEqual(short(await verify(story, later(story.files()))), [fault]);
    story.forge.entries.pop();
    assert.deepEqual(short(await verify(story, later(story.files()))), []);
    const options = { olderCheckpoints: [kept] };
    assert.deepEqual(short(await verify(story, later(story.files()), options)), [fault]);
  });

  it("finds it also by a witness whose time the bastion did not believe", async () => {
    const story = await keptForAWeek();
    story.pass(WEEK);
    const entry = deleteFirst(story);
    const size = story.forge.entries.length;
    const cosignature = story.forge.cosignature(size, START_MS + HOUR);
    story.add({ type: "witness.refused", witness: "one", code: "time-wrong", size, cosignature });
    assert.deepEqual(short(await verify(story, seen(story, START_MS + 2 * WEEK))), [
      `time-disproved ${String(entry)} ${sessionName(1)}`,
    ]);
  });

  it("lets a clock that was always wrong be, with a note: what was to be kept for a week was", async () => {
    for (const apart of [DAY, -DAY]) {
      const story = await keptForAWeek();
      for (let hour = 0; hour <= WEEK / HOUR; hour += 12) {
        cosign(story, soon + hour * HOUR - apart);
        story.pass(12 * HOUR);
      }
      deleteFirst(story);
      cosign(story, soon + WEEK + 13 * HOUR - apart);
      const { faults, notes } = await verify(story, seen(story, soon + WEEK + 14 * HOUR - apart));
      assert.deepEqual(faults, []);
      const word = apart > 0 ? "ahead" : "behind";
      assert.equal(
        notes.filter((note) => note.startsWith(`the clock was ${word} between entries`)).length,
        1,
      );
    }
  });

  it("says nothing of clocks that are as far apart as clocks are", async () => {
    const story = await keptForAWeek();
    for (const apart of [-9, 9]) cosign(story, soon + apart * 60_000);
    const { faults, notes } = await verify(story, seen(story, soon - 9 * 60_000));
    assert.deepEqual([faults, notes.filter((note) => note.includes("clock"))], [[], []]);
  });

  it("finds a session that began after its grant's end, by a clock that was set back", async () => {
    const story = await keptForAWeek();
    cosign(story, START_MS + 2 * HOUR); // the grant was good for one
    story.begin(4);
    const { forge } = story;
    const started = forge.entries.length - 1;
    const report = await verify(story, seen(story, START_MS + 2 * HOUR));
    assert.deepEqual(short(report), [`time-disproved ${String(started)} ${sessionName(4)}`]);
    assert.match(report.faults[0]?.detail ?? "", /the bastion's clock was behind$/u);
  });

  it("finds a cosignature in an entry that the witness did not make of this ledger", async () => {
    const cases = {
      "of another size": (story: EvidenceStory) => story.forge.cosignature(2),
      "of another ledger": async () => (await keptForAWeek()).forge.cosignature(3),
    };
    for (const [name, make] of Object.entries(cases)) {
      const story = await keptForAWeek();
      const cosignature = await make(story);
      const entry = story.add({ type: "witness.cosigned", witness: "one", size: 3, cosignature });
      assert.deepEqual(
        short(await verify(story, seen(story, soon))),
        [`cosignature-invalid ${String(entry)} -`],
        name,
      );
    }
  });
});

const keptForAWeek = () => EvidenceStory.tell({ isWitnessed: true, retention: { keepMs: WEEK } });

function deleteFirst(story: EvidenceStory): number {
  story.recordings.delete(recordingOf(1));
  return story.add({ type: "recording.deleted", session: sessionName(1), hash: story.headOf(1).hash });
}

/** The bastion writes down what the witness signed of all that there is, by the witness' clock. */
function cosign(story: EvidenceStory, atMs: number): void {
  const size = story.forge.entries.length;
  const cosignature = story.forge.cosignature(size, atMs);
  story.add({ type: "witness.cosigned", witness: "one", size, cosignature });
}

/** All of it, and the witness' word on all of it, of that time. */
function seen(story: EvidenceStory, atMs: number): EvidenceFiles {
  const { length } = story.forge.entries;
  return new Map([
    ...story.files(),
    ["ledger/checkpoint.witnessed", Buffer.from(story.forge.witnessed(length, atMs))],
  ]);
}

function verify(
  story: EvidenceStory,
  files: EvidenceFiles,
  options: VerifyEvidenceOptions = {},
): Promise<EvidenceReport> {
  const verifiers = [story.forge.log, story.forge.witness].map(({ verifier }) => encodeVerifierKey(verifier));
  return verifyEvidence(memorySource(files), { verifiers, ...options });
}

/** Without any witness. */
async function told(story: EvidenceStory): Promise<readonly string[]> {
  const files = story.files();
  files.delete("ledger/checkpoint.witnessed");
  const verifiers = [encodeVerifierKey(story.forge.log.verifier)];
  return short(await verify(story, files, { verifiers }));
}

function short({ faults }: EvidenceReport): readonly string[] {
  return faults.map(({ code, entry, session }) => `${code} ${String(entry)} ${session ?? "-"}`);
}
