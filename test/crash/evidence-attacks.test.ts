import assert from "node:assert/strict";
import {
  cosign,
  encodeNote,
  encodeVerifierKey,
  generateSigner,
  parseNote,
  signCheckpoint,
  tilePath,
} from "../../src/ledger/index.js";
import { verifyEvidence, type EvidenceReport, type VerifyEvidenceOptions } from "../../src/evidence/index.js";
import type { EvidenceFiles } from "../harness/evidence-folder.js";
import { EvidenceStory, POLICY_HASH, recordingOf, START_MS } from "../harness/evidence-story.js";
import { memorySource } from "../harness/memory-source.js";

describe("crash/evidence-attacks", () => {
  let story: EvidenceStory;
  let files: EvidenceFiles;
  before(async () => {
    story = await EvidenceStory.tell({ entries: 300, isWitnessed: true });
    files = story.files();
  });

  const keys = () =>
    [story.forge.log, story.forge.witness].map(({ verifier }) => encodeVerifierKey(verifier));
  const verify = (
    changes: Iterable<readonly [string, Buffer | undefined]>,
    options: VerifyEvidenceOptions = {},
    base = files,
  ): Promise<EvidenceReport> => {
    const changed = new Map(base);
    for (const [path, bytes] of changes)
      if (bytes === undefined) changed.delete(path);
      else changed.set(path, bytes);
    return verifyEvidence(memorySource(changed), { verifiers: keys(), ...options });
  };
  /** Each fault in short: its code and where it is, in the order in which they were found. */
  const told = ({ faults }: EvidenceReport) => faults.map(({ code, where }) => `${code} ${where}`);
  const bytesOf = (path: string, from = files): Buffer =>
    from.get(path) ?? assert.fail(`there is no ${path}`);
  const older = (size: number) => ({ where: "kept.txt", note: story.forge.checkpoint(size) });

  it("passes what nobody touched, and says who has seen it since when", async () => {
    const report = await verify([], { olderCheckpoints: [0, 1, 256, 257, 290].map(older) });
    assert.deepEqual(told(report), []);
    const { witnessed, olderCheckpoints, entries, policies, isKeyGiven } = report;
    assert.deepEqual(
      { olderCheckpoints, entries, policies, isKeyGiven },
      {
        ...{ olderCheckpoints: 5, entries: story.forge.entries.length, policies: 1, isKeyGiven: true },
      },
    );
    const by = [{ name: "witness.example", atMs: report.checkpoint?.atMs, isGiven: true }];
    assert.deepEqual(witnessed, { size: entries - 1, by });
  });

  it("names every file that is cut short by a byte, halved, emptied, gone or longer", async () => {
    // without these the evidence is less, and what is left of it true
    const spare = /checkpoint\.witnessed$|ses-3/u;
    const isSpare = (path: string) => spare.test(path) || isOlderPartial(path);
    const missed: string[] = [];
    for (const [path, bytes] of files) {
      const { length } = bytes;
      for (const left of [length - 1, length >> 1, 0])
        if (!told(await verify([[path, bytes.subarray(0, left)]])).some((line) => line.endsWith(` ${path}`)))
          missed.push(`${path} of ${left} bytes`);
      if (!path.includes("ses-3")) {
        const longer = told(await verify([[path, Buffer.concat([bytes, Buffer.of(0x0a)])]]));
        if (!longer.some((line) => line.endsWith(` ${path}`))) missed.push(`${path} longer by a byte`);
      }
      const isNamed = told(await verify([[path, undefined]])).some((line) => line.endsWith(` ${path}`));
      if (!isNamed && !isSpare(path)) missed.push(`${path} gone`);
    }
    assert.deepEqual(missed, []);

    function isOlderPartial(path: string): boolean {
      const width = Number(/\.p\/(\d+)$/u.exec(path)?.[1] ?? 0);
      return width > 0 && width !== story.forge.entries.length % 256 && !path.startsWith("ledger/tile/1/");
    }
  });

  it("names a file that nothing accounts for, and a recording that no entry speaks of", async () => {
    const stranger = "recordings/2025-10-09/ses-zzzzzzzzzzzz.bsr";
    const report = await verify([
      ["ledger/notes.txt", Buffer.from("x")],
      [`ledger/policy/${"0".repeat(64)}.json`, Buffer.from("{}")],
      [stranger, bytesOf(recordingOf(1))],
    ]);
    assert.deepEqual(told(report).sort(), [
      `recording-unknown ${stranger}`,
      "unexpected-file ledger/notes.txt",
      `unexpected-file ledger/policy/${"0".repeat(64)}.json`,
    ]);
  });

  it("names a recording that is gone, and two that changed places", async () => {
    const [first, second] = [recordingOf(1), recordingOf(2)];
    const gone = await verify([[first, undefined]]);
    assert.deepEqual([told(gone), gone.sessions.wrong], [[`recording-missing ${first}`], 1]);
    const swapped = await verify([
      [first, bytesOf(second)],
      [second, bytesOf(first)],
    ]);
    assert.deepEqual(told(swapped), [`recording-mismatch ${first}`, `recording-mismatch ${second}`]);
  });

  it("names bytes behind the last head of what has ended, and none of what is live", async () => {
    const more = (n: number) => Buffer.concat([bytesOf(recordingOf(n)), Buffer.from("\x09\x10torn")]);
    assert.deepEqual(told(await verify([[recordingOf(2), more(2)]])), [`recording-beyond ${recordingOf(2)}`]);
    assert.deepEqual(told(await verify([[recordingOf(3), more(3)]])), []);
  });

  it("looks at the recordings of sessions in the time that was asked about, and at nothing else of them", async () => {
    const startedAtMs = START_MS;
    const gone = [recordingOf(1), undefined] as const;
    const early = await verify([gone], { untilMs: startedAtMs });
    assert.deepEqual([told(early), early.sessions.total, early.recordings.checked], [[], 0, 0]);
    const late = await verify([gone], { sinceMs: startedAtMs + 86_400_000 });
    assert.deepEqual([told(late), late.sessions.total, late.sessions.live], [[], 1, 1]);
  });

  it("misses the witness' word when an entry tells of it", async () => {
    const seen = await EvidenceStory.tell({ isWitnessed: true });
    const cosignature = seen.forge.cosignature(3);
    seen.add({ type: "witness.cosigned", witness: "one", size: 3, cosignature });
    const all = seen.files();
    assert.deepEqual(told(await verifyEvidence(memorySource(all))), []);
    all.delete("ledger/checkpoint.witnessed");
    assert.deepEqual(told(await verifyEvidence(memorySource(all))), [
      "checkpoint-missing ledger/checkpoint.witnessed",
    ]);
  });

  it("believes a witness whose key comes while it reads, beside a bastion that is at work", async () => {
    const source = memorySource(files);
    const [log = ""] = keys();
    let isNoted = false;
    const read: typeof source.read = (path, bytesMax) => {
      isNoted ||= path === "ledger/checkpoint.witnessed";
      if (path === "ledger/verifiers" && !isNoted) return Promise.resolve(Buffer.from(`${log}\n`));
      return source.read(path, bytesMax);
    };
    assert.deepEqual(told(await verifyEvidence({ ...source, read })), []);
  });

  it("names a policy document that was changed, and one that is gone", async () => {
    const path = `ledger/policy/${POLICY_HASH}.json`;
    assert.deepEqual(told(await verify([[path, Buffer.from("{}")]])), [`policy-mismatch ${path}`]);
    assert.deepEqual(told(await verify([[path, undefined]])), [`policy-missing ${path}`]);
  });

  describe("by who has the log's own key", () => {
    it("finds a tail that is gone by an older checkpoint, and by the witness' word", async () => {
      const size = story.forge.entries.length - 5;
      const shorter = withoutTail(size);
      const byWitness = await verify([], {}, shorter);
      assert.ok(
        told(byWitness).includes("ledger-shorter ledger/checkpoint.witnessed"),
        told(byWitness).join(),
      );
      const unseen = new Map(shorter);
      unseen.delete("ledger/checkpoint.witnessed");
      const options = { olderCheckpoints: [older(size + 1)] };
      assert.ok(told(await verify([], options, unseen)).includes("ledger-shorter kept.txt"));
    });

    it("finds another past, signed anew, by an older checkpoint or by the witness, and not without", async () => {
      const forged = forgedPast();
      const witnessed = await verify([], {}, forged);
      assert.deepEqual(told(witnessed), ["checkpoint-inconsistent ledger/checkpoint.witnessed"]);
      const alone = new Map([...forged, ["ledger/verifiers", bytesOf("ledger/verifiers")]]);
      alone.delete("ledger/checkpoint.witnessed");
      const [log = ""] = keys();
      const options = { verifiers: [log], olderCheckpoints: [older(20), older(4)] };
      const kept = await verify([], options, alone);
      assert.deepEqual(told(kept), ["checkpoint-inconsistent kept.txt"]);
      // whoever does not ask for the witness is not told: what remains, and why there are witnesses
      assert.deepEqual(told(await verify([], { verifiers: [log] }, alone)), []);
    });

    it("finds that the witness who was asked for has signed nothing, also where another one has", async () => {
      const gone: [string, undefined] = ["ledger/checkpoint.witnessed", undefined];
      const missing = "cosignature-missing ledger/checkpoint.witnessed";
      assert.deepEqual(told(await verify([gone])), [missing]);
      const own = generateSigner("own.example", "cosignature");
      const { text, signatures } = parseNote(bytesOf("ledger/checkpoint"));
      const cosigned = encodeNote({
        text,
        signatures: [...signatures, cosign(bytesOf("ledger/checkpoint"), own, 1)],
      });
      const withOwn: [string, Buffer][] = [
        ["ledger/checkpoint", Buffer.from(cosigned)],
        [
          "ledger/verifiers",
          Buffer.from(`${bytesOf("ledger/verifiers").toString()}${encodeVerifierKey(own.verifier)}\n`),
        ],
      ];
      assert.deepEqual(told(await verify([...withOwn, gone])), [missing]);
      const both = await verify(withOwn);
      assert.deepEqual([told(both), both.witnessed?.by[0]?.name], [[], "witness.example"]);
    });

    it("finds a checkpoint that was signed for a root without history", async () => {
      const { log, entries } = story.forge;
      const root = Buffer.alloc(32, 9);
      const note = signCheckpoint({ origin: log.verifier.name, size: entries.length, root }, log);
      const report = await verify([["ledger/checkpoint", Buffer.from(note)]]);
      assert.ok(told(report).includes("root-mismatch ledger/checkpoint"));
      const longer = signCheckpoint({ origin: log.verifier.name, size: entries.length + 3, root }, log);
      const missing = told(await verify([["ledger/checkpoint", Buffer.from(longer)]]));
      assert.ok(missing.some((line) => line.startsWith("bundle-missing ledger/tile/entries/001.p/")));
    });
  });

  describe("by who has not", () => {
    it("finds an entry that was changed, and all tiles with it", async () => {
      const forged = forgedPast();
      forged.set("ledger/checkpoint", bytesOf("ledger/checkpoint"));
      forged.delete("ledger/checkpoint.witnessed");
      const [log = ""] = keys();
      assert.deepEqual(told(await verify([], { verifiers: [log] }, forged)), [
        "root-mismatch ledger/checkpoint",
      ]);
    });

    it("finds a ledger that was signed anew by another key, even with its own list of keys", async () => {
      const other = await EvidenceStory.tell({ entries: 300 });
      assert.deepEqual(told(await verify([], {}, other.files())).sort(), [
        "checkpoint-signature ledger/checkpoint",
        "verifiers-invalid ledger/verifiers",
      ]);
      const alone = await verify([], { verifiers: [] }, other.files());
      assert.deepEqual([told(alone), alone.isKeyGiven], [[], false]); // and the summary says what that is worth
    });

    it("tells a changed tile from a changed entry", async () => {
      const flip = (path: string, at: number): [string, Buffer] => {
        const bytes = Buffer.from(bytesOf(path));
        bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
        return [path, bytes];
      };
      const tile = `ledger/${tilePath({ level: 0, index: 0, width: 256 })}`;
      const [inTile] = (await verify([flip(tile, 64)])).faults;
      assert.deepEqual([inTile?.code, inTile?.where, inTile?.offset], ["tile-mismatch", tile, 64]);
      const bundle = "ledger/tile/entries/000";
      const at = story.forge.entries.slice(0, 7).reduce((sum, entry) => sum + 2 + entry.length, 0);
      const { faults } = await verify([flip(bundle, at + 20)]);
      assert.deepEqual(
        faults.map(({ code, where, entry, offset }) => ({ code, where, entry, offset })),
        [{ code: "bundle-mismatch", where: bundle, entry: 7, offset: at }],
      );
      const first = await verify([flip(bundle, 20)]); // it names the policy that recordings name as well
      assert.deepEqual(told(first), [`bundle-mismatch ${bundle}`]);
      const both = await verify([flip(bundle, at + 20), flip("ledger/tile/1/000.p/1", 3)]);
      assert.ok(told(both).includes(`bundle-mismatch ${bundle}`), "also when the arbiter was changed too");
    });
  });

  describe("by a bastion that lies", () => {
    it("finds a grant without its quorum, a signature that is none, and one by a key that is not the approver's", async () => {
      const unsigned = await EvidenceStory.tell({ approval: "unsigned" });
      assert.ok(told(await verifyOwn(unsigned)).includes("impossible-event ledger/tile/entries/000.p/15"));
      const forged = await EvidenceStory.tell({ approval: "forged" });
      assert.ok(told(await verifyOwn(forged)).includes("approval-unproven ledger/tile/entries/000.p/15"));
      const stranger = await EvidenceStory.tell({ approval: "stranger" });
      assert.deepEqual(told(await verifyOwn(stranger)), ["approval-unproven ledger/tile/entries/000.p/15"]);
    });

    it("finds a head that a recording never had, also where its last one is right", async () => {
      const forged = await verifyOwn(await EvidenceStory.tell({ isHeadForged: true }));
      assert.deepEqual(
        told(forged),
        [1, 2, 3].map((n) => `recording-mismatch ${recordingOf(n)}`),
      );
    });

    it("gives up on a checkpoint of more entries than anybody has, and on a time that is no date", async () => {
      const { log } = story.forge;
      const root = Buffer.alloc(32, 9);
      const endless = signCheckpoint({ origin: log.verifier.name, size: 2 ** 53 - 1, root }, log);
      const { notes } = await verify([["ledger/checkpoint", Buffer.from(endless)]]);
      assert.ok(notes.some((note) => note.startsWith("nothing is there of 1000 bundles")));
      const timeless = await EvidenceStory.tell();
      timeless.forge.add({ type: "bastion.stopped" }, 8.64e15 + 1);
      const { faults } = await verifyOwn(timeless);
      assert.deepEqual(
        faults.map(({ code, entry }) => [code, entry]),
        [["entry-invalid", 15]],
      );
    });

    it("finds an entry that has another's number, and one that is no event", async () => {
      const odd = await EvidenceStory.tell();
      odd.forge.entries.push(odd.forge.entries[0] ?? Buffer.alloc(0));
      odd.forge.add({ type: "bastion.exploded" } as never, 1);
      const { faults, notes } = await verifyOwn(odd);
      assert.deepEqual(
        faults.map(({ code, entry }) => [code, entry]),
        [
          ["entry-invalid", 15],
          ["entry-undecodable", 16],
        ],
      );
      assert.ok(notes.some((note) => note.startsWith("the clock went back")));
    });
  });

  const verifyOwn = (other: EvidenceStory) =>
    verifyEvidence(memorySource(other.files()), { verifiers: [encodeVerifierKey(other.forge.log.verifier)] });

  /** The files of a ledger that never went on from there; what only later entries speak of stays where it is. */
  function withoutTail(size: number): EvidenceFiles {
    const kept = story.forge.entries.splice(size);
    try {
      const shorter = story.files();
      shorter.set("ledger/checkpoint.witnessed", bytesOf("ledger/checkpoint.witnessed"));
      shorter.set("ledger/verifiers", bytesOf("ledger/verifiers"));
      return shorter;
    } finally {
      story.forge.entries.push(...kept);
    }
  }

  /** The files of a ledger with another entry 10, signed by the same key, beside what the witness has signed. */
  function forgedPast(): EvidenceFiles {
    const { entries } = story.forge;
    const honest = entries[10] ?? Buffer.alloc(0);
    entries[10] = Buffer.from(honest.toString().replace("192.0.2.9", "192.0.2.8"));
    try {
      const forged = story.files();
      forged.set("ledger/checkpoint.witnessed", bytesOf("ledger/checkpoint.witnessed"));
      return forged;
    } finally {
      entries[10] = honest;
    }
  }
});
