import assert from "node:assert/strict";
import type { AccessEvent, HoldId } from "../../../../src/access/index.js";
import { encodeVerifierKey, generateSigner } from "../../../../src/ledger/index.js";
import {
  findSessionIn,
  isBundle,
  makeBundle,
  verifyBundle,
  type EvidenceSource,
} from "../../../../src/evidence/index.js";
import { LedgerForge, type EvidenceFiles } from "../../../harness/evidence-folder.js";
import { EvidenceStory, recordingOf, sessionName } from "../../../harness/evidence-story.js";
import { memorySource } from "../../../harness/memory-source.js";

function sourceOf(files: EvidenceFiles): EvidenceSource {
  const source = memorySource(files);
  const all = () => Promise.resolve([...files.keys()]);
  return { ...source, list: (folder) => (folder === "." ? all() : source.list(folder)) };
}

async function bundleOf(story: EvidenceStory, n: number): Promise<EvidenceFiles> {
  const home = story.files();
  const { files } = await makeBundle(sourceOf(home), sessionName(n));
  return new Map(
    files.map((file) => [file.path, "bytes" in file ? file.bytes : (home.get(file.from) ?? assert.fail())]),
  );
}

async function codesOf(files: EvidenceFiles, verifiers?: readonly string[]): Promise<readonly string[]> {
  const { faults } = await verifyBundle(sourceOf(files), verifiers && { verifiers });
  return faults.map(({ code }) => code);
}

/** Every changed file must be found out, wherever in it the change is: so many places of each are tried. */
const PLACES = 6;

describe("evidence/bundle", () => {
  let story: EvidenceStory;
  let bundle: EvidenceFiles;
  before(async () => {
    story = await EvidenceStory.tell({ isWitnessed: true, entries: 300 });
    bundle = await bundleOf(story, 1);
  });

  it("proves a session with its quorum, its signed approval and its recording, and knows itself for a bundle", async () => {
    const log = encodeVerifierKey(story.forge.log.verifier);
    const report = await verifyBundle(sourceOf(bundle), { verifiers: [log] });
    assert.deepEqual(report.faults, []);
    assert.deepEqual([report.approvals, report.policies], [{ quorums: 1, signed: 1 }, 1]);
    assert.deepEqual([report.sessions.whole, report.recordings.checked, report.isKeyGiven], [1, 1, true]);
    assert.equal(await isBundle(sourceOf(bundle)), true);
    assert.equal(await isBundle(sourceOf(story.files())), false);
  });

  it("says that an older checkpoint was not compared, and asks for the witness whose key is given", async () => {
    const olderCheckpoints = [{ where: "kept.txt", note: story.forge.checkpoint(1) }];
    const { notes } = await verifyBundle(sourceOf(bundle), { olderCheckpoints });
    assert.ok(notes.some((note) => note.startsWith("no older checkpoint was compared")));
    const other = generateSigner("other.example", "cosignature").verifier;
    assert.deepEqual(await codesOf(bundle, [encodeVerifierKey(other)]), ["cosignature-missing"]);
  });

  it("takes the witnessed checkpoint where that has all of it, and says who signed", async () => {
    const report = await verifyBundle(sourceOf(bundle));
    assert.equal(report.witnessed?.size, story.forge.entries.length - 1);
    assert.deepEqual(
      report.witnessed.by.map(({ name }) => name),
      ["witness.example"],
    );
  });

  it("waits for no witness for who read the recording since, and does for what matters", async () => {
    const told = await EvidenceStory.tell({ isWitnessed: true });
    const session = sessionName(1);
    told.add({ type: "recording.read", session, by: "bob", how: "proof" });
    const before = await makeBundle(sourceOf(told.files()), session);
    assert.deepEqual([before.witnesses, before.size], [["witness.example"], told.forge.entries.length - 1]);
    told.add({ type: "hold.set", hold: "hld-0123456789ab" as HoldId, session, reason: "a case", by: "bob" });
    const after = await makeBundle(sourceOf(told.files()), session);
    assert.deepEqual([after.witnesses, after.entries], [[], before.entries + 2]);
    assert.deepEqual(await codesOf(await bundleOf(told, 1)), []);
  });

  it("has a hold that was set before the session began, whatever was known of it", async () => {
    const told = await EvidenceStory.tell();
    const forge = new LedgerForge();
    const hold = "hld-0123456789ab" as HoldId;
    forge.add({ type: "hold.set", hold, identity: "alice", reason: "a case", by: "bob" }, 1);
    forge.add(
      { type: "hold.set", hold: "hld-0123456789ac" as HoldId, identity: "dave", reason: "x", by: "bob" },
      1,
    );
    for (const bytes of told.forge.entries)
      forge.add((JSON.parse(bytes.toString()) as { entry: AccessEvent }).entry, 2);
    const files = sourceOf(new Map([...told.files(), ...forge.files()]));
    const { session, files: all } = await makeBundle(files, sessionName(1));
    const { identity, target, grant, serial } = session;
    const known = { identity, target, names: [grant, serial] };
    const spared = await makeBundle(files, sessionName(1), { known });
    for (const of of [all, spared.files]) {
      const numbers = of.flatMap(({ path }) => /^entries\/(\d)\.json$/u.exec(path)?.[1] ?? []);
      assert.deepEqual(numbers.slice(0, 2), ["0", "2"]);
    }
  });

  it("has what stands bundles of entries before its session, and the policy that was in force", async () => {
    const told = await EvidenceStory.tell({ entries: 600 });
    const { files } = await makeBundle(sourceOf(told.files()), sessionName(1));
    const numbers = files.flatMap(({ path }) => /^entries\/(\d+)\.json$/u.exec(path)?.[1] ?? []);
    assert.deepEqual(numbers.slice(0, 4), ["0", "1", "2", "3"]);
    assert.deepEqual(await codesOf(await bundleOf(told, 1)), []);
  });

  it("is known for a bundle without its own proof as well", async () => {
    const less = new Map([...bundle].filter(([path]) => path !== "session.tlog-proof"));
    assert.equal(await isBundle(sourceOf(less)), true);
    assert.deepEqual(await codesOf(less), ["proof-invalid"]);
  });

  for (const [name, n, standing] of [
    ["interrupted", 2, "interrupted"],
    ["live", 3, "live"],
  ] as const)
    it(`proves what there is of a session: ${name}`, async () => {
      const files = await bundleOf(story, n);
      const report = await verifyBundle(sourceOf(files));
      assert.deepEqual(report.faults, []);
      assert.equal(report.sessions[standing], 1);
      assert.match(String(files.get("README")), n === 3 ? /was still live/u : /interrupted 20/u);
    });

  it("names a changed byte in any file", async function () {
    for (const [path, bytes] of bundle) {
      const step = Math.max(1, Math.floor(bytes.length / PLACES));
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 0x01;
        const codes = await codesOf(new Map([...bundle, [path, changed]])).catch((error: unknown) => {
          throw new Error(`${path} at ${at}`, { cause: error });
        });
        assert.notDeepEqual(codes, [], `${path} at ${at}`);
      }
      assert.notDeepEqual(
        await codesOf(new Map([...bundle, [path, bytes.subarray(0, -1)]])),
        [],
        `${path} cut`,
      );
      const longer = Buffer.concat([bytes, Buffer.from("\n")]);
      assert.notDeepEqual(await codesOf(new Map([...bundle, [path, longer]])), [], `${path} longer`);
    }
  });

  it("misses every file that is taken away, and sees one that is added", async () => {
    for (const path of bundle.keys()) {
      const less = new Map([...bundle].filter(([other]) => other !== path));
      const codes = await codesOf(less).catch((error: unknown) => [(error as { code: string }).code]);
      assert.notDeepEqual(codes, [], path);
    }
    assert.deepEqual(await codesOf(new Map([...bundle, ["more", Buffer.from("x")]])), ["unexpected-file"]);
  });

  it("takes no entry away with its proof, and no other recording", async () => {
    const [path = ""] = [...bundle.keys()].filter((one) => one.endsWith("/1.json"));
    const proof = path.replace(".json", ".tlog-proof");
    const less = new Map([...bundle].filter(([one]) => one !== path && one !== proof));
    assert.ok((await codesOf(less)).includes("impossible-event")); // an approval of a request that was never made
    const other = story.recordings.get(recordingOf(2)) ?? assert.fail();
    const codes = await codesOf(new Map([...bundle, [recordingOf(1), other]]));
    assert.deepEqual(codes, ["recording-mismatch"]);
  });

  it("believes no key but the one that was given", async () => {
    const forged = encodeVerifierKey(generateSigner(story.forge.log.verifier.name).verifier);
    const codes = await codesOf(bundle, [forged]);
    assert.ok(codes.includes("verifiers-invalid") && codes.includes("checkpoint-signature"));
  });

  it("says so when there is no such session", async () => {
    const home = sourceOf(story.files());
    await assert.rejects(makeBundle(home, sessionName(9)), { code: "not-found" });
    assert.deepEqual(await findSessionIn(home, sessionName(9)), { kind: "none" });
    assert.deepEqual(await findSessionIn(home, sessionName(2)), { kind: "unique", id: sessionName(2) });
    assert.equal((await findSessionIn(home, "ses-")).kind, "none");
  });
});
