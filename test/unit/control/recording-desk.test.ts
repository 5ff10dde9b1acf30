import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import type { RedactionId } from "../../../src/access/index.js";
import {
  encodeAuditorPublicKey,
  generateAuditorKey,
  makeRewrap,
  openRecording,
  type AuditorPrivateKey,
} from "../../../src/recording/index.js";
import { holdId } from "../access/sample.js";
import { FaultyFiles } from "../recording/edit-on-disk.js";
import { blocksOf } from "../recording/recording-on-disk.js";
import { DeskBench } from "./recording-desk-bench.js";
import { reasonOf } from "./request-bench.js";

/** remove, create, write, sync, close, fsync of the folder; the ledger; rename, fsync of the folder. */
const STEPS = ["remove", "create", "write", "sync", "close", "syncFolder", "rename", "syncFolder"];

async function asked(bench: DeskBench, changes: object = {}): Promise<RedactionId> {
  const ask = { session: bench.session, from: 3, to: 4, reason: "a password", by: "dave" };
  const answer = await bench.desk.askRedaction({ ...ask, ...changes });
  assert.ok(answer.ok, reasonOf(answer));
  return answer.redaction.redaction;
}

async function rewrap(bench: DeskBench, to: AuditorPrivateKey, changes: object = {}) {
  const statement = await makeRewrap(bench.path, [bench.auditor], { to: [to], apartTo: [], remove: [] });
  assert.ok(statement);
  const named = [encodeAuditorPublicKey(to)];
  return bench.desk.rewrap({ session: bench.session, by: "bob", statement, named, removed: [], ...changes });
}

async function opens(bench: DeskBench, key: AuditorPrivateKey): Promise<boolean> {
  const reader = await openRecording(bench.path, [key]).catch(() => undefined);
  await reader?.close();
  return reader !== undefined;
}

describe("control/recordings/recording-desk", () => {
  it("redacts by two people: first the ledger, then the file, which says who and why", async () => {
    const bench = await DeskBench.open();
    const before = bench.bytes;
    const redaction = await asked(bench);
    assert.deepEqual(bench.bytes, before);
    assert.equal(reasonOf(await bench.desk.approveRedaction({ redaction, by: "dave" })), "own-redaction");
    const given = await bench.desk.approveRedaction({ redaction, by: "erin" });
    assert.ok(given.ok && given.unfinished === undefined);
    const types = await bench.types();
    assert.deepEqual(types.slice(3), ["redaction.asked", "redaction.approved", "recording.redacted"]);
    assert.deepEqual(await bench.faults(), []);
    for (const number of [3, 4])
      assert.equal(bench.bytes.includes(blocksOf(before)[number]!.body), false, `block ${number}`);
    const reader = await openRecording(bench.path, [bench.auditor]);
    const statements: unknown[] = [];
    for await (const { type, payload } of reader.frames())
      if (type === 254) statements.push((JSON.parse(payload.toString()) as { statement: unknown }).statement);
    await reader.close();
    const entry = types.indexOf("redaction.approved");
    const { wall: atMs } = bench.clocks;
    const expected = { redaction, reason: "a password", by: "dave", approvedBy: "erin", atMs, entry };
    assert.deepEqual(statements, [expected, expected]);
    assert.deepEqual(bench.names, ["ses-0.bsr"]);
  });

  it("says no to what the rules or the file do not allow, with nothing written", async () => {
    const bench = await DeskBench.open();
    const ask = { session: bench.session, from: 3, to: 4, reason: "x", by: "dave" };
    const reasons: string[] = [];
    for (const changes of [{ by: "root" }, { from: 1 }, { to: 6 }, { from: 90, to: 91 }])
      reasons.push(reasonOf(await bench.desk.askRedaction({ ...ask, ...changes })));
    assert.deepEqual(reasons, ["not-a-redactor", "header-or-keys", "end-block", "no-such-block"]);
    const { bytes } = bench;
    writeFileSync(bench.path, Buffer.from(bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte))));
    assert.equal(reasonOf(await bench.desk.askRedaction(ask)), "recording-damaged");
    assert.equal((await bench.types()).length, 3);
  });

  it("denies, and forgets in time what nobody decided on", async () => {
    const bench = await DeskBench.open();
    const first = await asked(bench);
    assert.ok((await bench.desk.denyRedaction({ redaction: first, by: "erin", reason: "no" })).ok);
    const second = await asked(bench);
    bench.clocks.pass(60_000);
    assert.equal(reasonOf(await bench.desk.approveRedaction({ redaction: second, by: "erin" })), "lapsed");
    const until = performance.now() + 15_000;
    while (bench.keeper.state.openRedactions.size > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(bench.keeper.state.redactions.get(second)?.outcome?.kind, "lapsed");
  });

  it("waits for a hold that came after the approval was asked for, and for one that came after it was given", async () => {
    const bench = await DeskBench.open();
    const redaction = await asked(bench);
    const hold = {
      type: "hold.set",
      hold: holdId(),
      session: bench.session,
      by: "root",
      reason: "case",
    } as const;
    await bench.keeper.record(hold);
    assert.equal(reasonOf(await bench.desk.approveRedaction({ redaction, by: "erin" })), "held");
    await bench.keeper.record({ type: "hold.lifted", hold: holdId(), by: "bob", reason: "over" });
    await bench.keeper.record({ type: "redaction.approved", redaction, by: "erin" }); // and the process died
    await bench.keeper.record({ ...hold, hold: holdId(2) });
    const before = bench.bytes;
    await bench.restart();
    assert.deepEqual(bench.bytes, before);
    assert.match(bench.desk.unfinished[0]?.detail ?? "", /held by hld-/u);
    await bench.keeper.record({ type: "hold.lifted", hold: holdId(2), by: "bob", reason: "over" });
    await bench.restart();
    assert.deepEqual([bench.desk.unfinished, await bench.faults()], [[], []]);
    assert.notDeepEqual(bench.bytes, before);
  });

  for (const [index, step] of STEPS.entries())
    for (const persisted of [false, true]) {
      const how = `${step} (${index + 1}) failed${persisted ? " but persisted" : ""}`;
      it(`finishes at the next start a redaction whose ${how}`, async () => {
        const bench = await DeskBench.open(new FaultyFiles(index + 1, persisted));
        const redaction = await asked(bench);
        const given = await bench.desk.approveRedaction({ redaction, by: "erin" });
        assert.ok(given.ok && given.unfinished !== undefined);
        assert.equal(bench.desk.unfinished[0]?.redaction, redaction);
        await bench.restart();
        assert.deepEqual(await bench.faults(), []);
        assert.deepEqual(bench.names, ["ses-0.bsr"]);
        assert.deepEqual(
          bench.state.redacted?.map(({ redaction: id }) => id),
          [redaction],
        );
        assert.equal((await bench.types()).filter((type) => type === "recording.redacted").length, 1);
        assert.deepEqual(bench.desk.unfinished, []);
      });

      it(`has all of a re-wrap or nothing after the next start when its ${how}`, async () => {
        const bench = await DeskBench.open(new FaultyFiles(index + 1, persisted));
        const answer = await rewrap(bench, bench.carol);
        const isWritten = index >= 6;
        assert.equal(reasonOf(answer), isWritten ? "ok" : "recording-damaged");
        await bench.restart();
        assert.deepEqual(await bench.faults(), []);
        assert.deepEqual(bench.names, ["ses-0.bsr"]);
        assert.deepEqual(
          [await opens(bench, bench.auditor), await opens(bench, bench.carol)],
          [true, isWritten],
        );
      });
    }

  it("finishes what waits before the next change of the same recording", async () => {
    const bench = await DeskBench.open(new FaultyFiles(7));
    assert.ok((await rewrap(bench, bench.carol)).ok);
    await bench.restart();
    const dave = generateAuditorKey();
    assert.ok((await rewrap(bench, dave)).ok);
    const redaction = await asked(bench);
    assert.ok((await bench.desk.approveRedaction({ redaction, by: "erin" })).ok);
    assert.deepEqual(await bench.faults(), []);
    assert.deepEqual([await opens(bench, bench.carol), await opens(bench, dave)], [true, true]);
  });

  it("removes at start a copy that nothing stands for", async () => {
    const bench = await DeskBench.open();
    const { bytes } = bench;
    writeFileSync(`${bench.path}.edit`, bytes.subarray(0, 700));
    writeFileSync(`${bench.path.replace("ses-0", "ses-gone")}.edit`, "what was this?");
    await bench.restart();
    assert.deepEqual(bench.names, ["ses-0.bsr"]);
    assert.deepEqual(bench.bytes, bytes);
  });

  it("adds nobody whom nobody named, and takes nobody away by the way", async () => {
    const bench = await DeskBench.open();
    assert.equal(reasonOf(await rewrap(bench, bench.carol, { named: [] })), "unknown-recipient");
    bench.sealTo = new Map([...bench.sealTo, ["carol", encodeAuditorPublicKey(bench.carol)]]);
    assert.ok((await rewrap(bench, bench.carol, { named: [] })).ok);
    const without = async (key: AuditorPrivateKey, removed: string[]) => {
      const statement = await makeRewrap(bench.path, [bench.auditor], { to: [], apartTo: [], remove: [key] });
      assert.ok(statement);
      return bench.desk.rewrap({ session: bench.session, by: "bob", statement, named: [], removed });
    };
    const carol = encodeAuditorPublicKey(bench.carol);
    assert.equal(reasonOf(await without(bench.carol, [])), "unasked-removal");
    assert.equal(reasonOf(await without(bench.carol, [carol])), "still-configured");
    bench.sealTo.delete("carol");
    assert.ok((await without(bench.carol, [carol])).ok);
    assert.deepEqual([await opens(bench, bench.auditor), await opens(bench, bench.carol)], [true, false]);
    assert.deepEqual(bench.state.rewrapped?.recipients, [encodeAuditorPublicKey(bench.auditor)]);
  });

  describe("unsealing", () => {
    /** Dave permits, erin is to see; her key is the auditor's. */
    async function unseal(bench: DeskBench, to = bench.auditor, changes: object = {}) {
      bench.policy = { ...bench.policy, unsealers: ["redactors"], auditors: ["redactors"] };
      const wish = { to: [], apartTo: [to], remove: [] };
      const statement = await makeRewrap(bench.path, [bench.apartHolder], wish);
      assert.ok(statement);
      const about = { session: bench.session, by: "dave", for: "erin", reason: "INC-42" };
      return bench.desk.unseal({ ...about, recipient: encodeAuditorPublicKey(to), statement, ...changes });
    }
    async function typedUnseen(bench: DeskBench): Promise<boolean> {
      const keys = [bench.auditor];
      const reader = await openRecording(bench.path, keys, keys).catch(() => undefined);
      await reader?.close();
      return reader !== undefined;
    }

    it("opens what was typed to the auditor, and the ledger says first who permitted it", async () => {
      const bench = await DeskBench.open();
      assert.equal(await typedUnseen(bench), false);
      assert.equal(reasonOf(await unseal(bench)), "ok");
      assert.equal(await typedUnseen(bench), true);
      assert.deepEqual((await bench.types()).slice(3), ["recording.unsealed", "recording.rewrapped"]);
      assert.deepEqual(await bench.faults(), []);
      assert.deepEqual(
        bench.state.unsealed?.map(({ by, for: auditor, reason }) => [by, auditor, reason]),
        [["dave", "erin", "INC-42"]],
      );
    });

    it("says what the configuration calls the key, where it calls it anything", async () => {
      for (const name of ["auditor", "erin"]) {
        const bench = await DeskBench.open();
        bench.sealTo = new Map([[name, encodeAuditorPublicKey(bench.auditor)]]);
        assert.equal(reasonOf(await unseal(bench)), "ok");
        for await (const { entry } of bench.keeper.read())
          if (entry.type === "recording.unsealed") assert.equal(entry.keyName, name);
      }
    });

    it("says no where the configuration knows better whose key that is", async () => {
      const bench = await DeskBench.open();
      const [auditors, carols] = [bench.auditor, bench.carol].map((key) => encodeAuditorPublicKey(key));
      const rows: readonly [string, readonly (readonly [string, string | undefined])[]][] = [
        [
          "another-key",
          [
            ["auditor", auditors],
            ["erin", carols],
          ],
        ],
        ["key-of-another", [["dave", auditors]]],
      ];
      for (const [expected, sealTo] of rows) {
        bench.sealTo = new Map(sealTo.map(([name, key = ""]) => [name, key]));
        assert.equal(reasonOf(await unseal(bench)), expected);
      }
      assert.equal((await bench.types()).length, 3);
      assert.equal(await typedUnseen(bench), false);
    });

    const cases: Record<string, [string, (bench: DeskBench) => object]> = {
      "for themselves": ["own-unsealing", () => ({ for: "dave" })],
      "to another key than was said": [
        "not-an-unsealing",
        (bench) => ({ recipient: encodeAuditorPublicKey(bench.carol) }),
      ],
      "by who may not": ["not-an-unsealer", () => ({ by: "bob" })],
    };
    for (const [name, [expected, changes]] of Object.entries(cases))
      it(`says no ${name}, with nothing written`, async () => {
        const bench = await DeskBench.open();
        assert.equal(reasonOf(await unseal(bench, bench.auditor, changes(bench))), expected);
        assert.equal((await bench.types()).length, 3);
        assert.equal(await typedUnseen(bench), false);
      });

    it("says no to a key that does not open the rest, and to more than was asked", async () => {
      const bench = await DeskBench.open();
      assert.equal(reasonOf(await unseal(bench, bench.carol)), "not-a-reader");
      const wish = { to: [bench.carol], apartTo: [bench.auditor], remove: [] };
      const statement = await makeRewrap(bench.path, [bench.auditor, bench.apartHolder], wish);
      assert.equal(reasonOf(await unseal(bench, bench.auditor, { statement })), "not-an-unsealing");
    });

    it("is no re-wrap's business", async () => {
      const bench = await DeskBench.open();
      const wish = { to: [], apartTo: [bench.auditor], remove: [] };
      const statement = await makeRewrap(bench.path, [bench.apartHolder], wish);
      assert.ok(statement);
      const named = [encodeAuditorPublicKey(bench.auditor)];
      const ask = { session: bench.session, by: "bob", statement, named, removed: [] };
      assert.equal(reasonOf(await bench.desk.rewrap(ask)), "not-to-unseal");
      bench.sealApartTo.set("auditor", encodeAuditorPublicKey(bench.auditor));
      assert.ok((await bench.desk.rewrap(ask)).ok);
    });
  });

  it("refuses a statement that was made before somebody else's", async () => {
    const bench = await DeskBench.open();
    const wish = { to: [bench.carol], apartTo: [], remove: [] };
    const statement = await makeRewrap(bench.path, [bench.auditor], wish);
    assert.ok(statement);
    assert.ok((await rewrap(bench, generateAuditorKey())).ok);
    const named = [encodeAuditorPublicKey(bench.carol)];
    const late = await bench.desk.rewrap({
      session: bench.session,
      by: "bob",
      statement,
      named,
      removed: [],
    });
    assert.equal(reasonOf(late), "statement-refused");
  });
});
