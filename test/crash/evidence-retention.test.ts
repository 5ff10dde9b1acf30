import assert from "node:assert/strict";
import { newId, parseAccessEvent, type AccessEvent, type HoldId } from "../../src/access/index.js";
import { verifyEvidence, type EvidenceReport } from "../../src/evidence/index.js";
import { EvidenceStory, recordingOf, sessionName } from "../harness/evidence-story.js";
import { memorySource } from "../harness/memory-source.js";

const HOUR = 3_600_000;
const session = sessionName(1);
const path = recordingOf(1);
const inArchive = path.replace("recordings/", "archive/");
const hold: HoldId = newId("hld", Buffer.alloc(8, 1));
const held: AccessEvent = { type: "hold.set", hold, identity: "alice", by: "carol", reason: "case 7" };
const heldToo: AccessEvent = {
  ...{
    type: "hold.set",
    hold: newId("hld", Buffer.alloc(8, 2)),
    target: "prod",
    by: "carol",
    reason: "audit",
  },
};
const lifted: AccessEvent = { type: "hold.lifted", hold, by: "carol", reason: "closed" };
const archived: AccessEvent = {
  ...{ type: "recording.archived", session, path: path.replace("recordings/", "") },
};

type Step = AccessEvent | "delete" | "delete another" | { readonly pass: number };
type Lies = "at hand" | "in the archive" | "at both" | "nowhere";

interface Row {
  readonly steps: readonly Step[];
  readonly lies: Lies;
  /** Codes; nothing is wrong when left out. */
  readonly faults?: readonly string[];
  readonly deleted?: 1;
  readonly archived?: 1;
  readonly retention?: { readonly keepMs?: number; readonly atHandMs?: number };
}

const due = { pass: 2 * HOUR };
const gone = "nowhere";
const wrong = ["impossible-event", "recording-missing"];

const rows: Readonly<Record<string, Row>> = {
  "deleted in time": { steps: [due, "delete"], lies: gone, deleted: 1 },
  "deleted, and a crash before the file went": { steps: [due, "delete"], lies: "at hand", deleted: 1 },
  "moved, then deleted": { steps: [archived, due, "delete"], lies: gone, deleted: 1, archived: 1 },
  "deleted after its hold": { steps: [held, due, lifted, "delete"], lies: gone, deleted: 1 },
  "deleted before a hold": { steps: [due, "delete", held], lies: gone, deleted: 1 },
  "gone without an entry": { steps: [due], lies: gone, faults: ["recording-missing"] },
  "deleted too early": { steps: [{ pass: HOUR / 2 }, "delete"], lies: gone, faults: wrong },
  "deleted under a hold": { steps: [held, due, "delete"], lies: gone, faults: wrong },
  "deleted under one of two holds": {
    ...{ lies: gone, faults: wrong },
    steps: [held, heldToo, due, lifted, "delete"],
  },
  "deleted though it was to stay": { steps: [due, "delete"], retention: {}, lies: gone, faults: wrong },
  "deleted as another one": { steps: [due, "delete another"], lies: gone, faults: wrong },
  moved: { steps: [due, archived], lies: "in the archive", archived: 1 },
  "moved, and a crash before the original went": { steps: [due, archived], lies: "at both", archived: 1 },
  "a crash before the entry of the move": { steps: [due], lies: "at both" },
  "moved, and gone from the archive": {
    ...{ steps: [due, archived], lies: gone, archived: 1, faults: ["recording-missing"] },
  },
  "moved, and put back": {
    ...{ steps: [due, archived], lies: "at hand", archived: 1, faults: ["recording-missing"] },
  },
};

describe("crash/evidence-retention", () => {
  for (const [name, row] of Object.entries(rows))
    it(`${(row.faults ?? []).length === 0 ? "accepts" : "finds"}: ${name}`, async () => {
      const { faults, sessions } = await told(row);
      assert.deepEqual(
        faults.map(({ code }) => code),
        row.faults ?? [],
        JSON.stringify(faults),
      );
      assert.deepEqual(
        [sessions.deleted, sessions.archived],
        [row.deleted ?? 0, row.archived ?? 0],
        "what it counts",
      );
    });

  it("names the entry that deleted too early, and the recording", async () => {
    const { faults, entries } = await told({ steps: ["delete"], lies: gone });
    assert.deepEqual(
      faults.map(({ code, entry, where }) => ({ code, entry, where })),
      [
        { code: "impossible-event", entry: entries - 1, where: faults[0]?.where },
        { code: "recording-missing", entry: faults[1]?.entry, where: path },
      ],
    );
    assert.match(faults[0]?.detail ?? "", new RegExp(`${session} may not be deleted: not-yet`));
  });
});

/** Every session is kept for an hour; what is done is about the first, which has ended. */
async function told({ steps, lies, retention = { keepMs: HOUR } }: Row): Promise<EvidenceReport> {
  const isForEver = Object.keys(retention).length === 0;
  const story = await EvidenceStory.tell(isForEver ? {} : { retention });
  for (const step of steps) {
    if (typeof step === "object" && "pass" in step) story.pass(step.pass);
    else if (typeof step === "object") story.add(step);
    else {
      const hash = step === "delete" ? headOf(story) : "1".repeat(64);
      story.add({ type: "recording.deleted", session, hash });
    }
  }
  const files = new Map(story.files());
  const bytes = files.get(path) ?? assert.fail("there is a recording");
  if (lies === "nowhere" || lies === "in the archive") files.delete(path);
  if (lies === "at both" || lies === "in the archive") files.set(inArchive, bytes);
  return verifyEvidence({ ...memorySource(files), hasArchive: true });
}

function headOf({ forge }: EvidenceStory): string {
  for (const bytes of forge.entries) {
    const event = parseAccessEvent((JSON.parse(bytes.toString()) as { entry: unknown }).entry);
    if (event.type === "session.ended" && event.session === session) return event.head?.hash ?? "";
  }
  throw new Error("the session has ended");
}
