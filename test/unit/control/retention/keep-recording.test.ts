import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { systemFiles, type RecordingFiles } from "../../../../src/control/retention/recording-files.js";
import { holdId, sessionId } from "../../access/sample.js";
import { HOUR, KeepBench } from "./keep-bench.js";

type Moment = "before" | "after" | "half way";

/** The file system's own, of which one step fails once: before it was done, after it was, or half way. */
function failingAt(
  step: number,
  moment: Moment,
  code: string,
): { files: RecordingFiles; steps: () => number } {
  let count = 0;
  const failure = () => Object.assign(new Error(`${code}: injected`), { code, syscall: "injected" });
  const once = async <T>(work: () => Promise<T>, halfWay: () => void): Promise<T> => {
    const isIt = ++count === step;
    if (isIt && moment === "half way") halfWay();
    if (isIt && moment !== "after") throw failure();
    const done = await work();
    if (isIt) throw failure();
    return done;
  };
  const nothing = () => undefined;
  const files: RecordingFiles = {
    exists: (path) => once(() => systemFiles.exists(path), nothing),
    isLink: (path) => once(() => systemFiles.isLink(path), nothing),
    isOneFolder: (one, other) => once(() => systemFiles.isOneFolder(one, other), nothing),
    copy: (from, to) =>
      once(
        () => systemFiles.copy(from, to),
        () => {
          mkdirSync(dirname(to), { recursive: true });
          writeFileSync(to, readFileSync(from).subarray(0, 50));
        },
      ),
    hash: (path) => once(() => systemFiles.hash(path), nothing),
    rename: (from, to) => once(() => systemFiles.rename(from, to), nothing),
    remove: (path) => once(() => systemFiles.remove(path), nothing),
  };
  return { files, steps: () => count };
}

const hold = {
  type: "hold.set",
  hold: holdId(),
  session: sessionId(),
  by: "carol",
  reason: "case 7",
} as const;

describe("control/retention/keep-recording", () => {
  it("moves a recording to the archive, then deletes it there, and keeps its hash", async () => {
    const bench = await KeepBench.open();
    const bytes = bench.bytesAtHand();
    await bench.roundAfter(2 * HOUR - 1);
    assert.deepEqual(bench.names(), ["recordings/2026-11-21/ses-1.bsr"]);
    await bench.roundAfter(1);
    assert.deepEqual(bench.names(), ["archive/2026-11-21/ses-1.bsr"]);
    assert.ok(readFileSync(join(bench.folder, "archive/2026-11-21/ses-1.bsr")).equals(bytes));
    await bench.roundAfter(2 * HOUR - 1);
    assert.equal(bench.names().length, 1);
    await bench.roundAfter(1);
    assert.deepEqual(bench.names(), []);
    assert.deepEqual(bench.types(), ["recording.archived", "recording.deleted"]);
    assert.equal(bench.session().deleted?.hash, bench.session().head?.hash);
  });

  it("leaves what is held where it is, and deletes it when it is released", async () => {
    const bench = await KeepBench.open();
    bench.archive = undefined;
    await bench.ledger.record(hold);
    await bench.roundAfter(5 * HOUR);
    assert.equal(existsSync(bench.pathAtHand()), true);
    assert.equal(bench.clock.report.held, 1);
    await bench.ledger.record({ type: "hold.lifted", hold: holdId(), by: "carol", reason: "closed" });
    await bench.roundAfter(1);
    assert.deepEqual(bench.names(), []);
  });

  it("deletes nothing that a hold came upon while its bytes were being read", async () => {
    const bench = await KeepBench.open();
    bench.archive = undefined;
    const take = bench.holdTurns.take.bind(bench.holdTurns);
    bench.holdTurns.take = (key, work) =>
      take(key, async () => {
        await bench.ledger.record(hold); // its turn is the last one before the deletion's
        return work();
      });
    await bench.roundAfter(5 * HOUR);
    assert.deepEqual(bench.types(), ["hold.set"]);
    assert.equal(existsSync(bench.pathAtHand()), true);
  });

  for (const [what, code] of [
    ["archive", "ENOSPC"],
    ["delete", "EACCES"],
  ] as const)
    for (const moment of ["before", "after", "half way"] as const)
      for (const retry of ["the next round", "a restart"] as const)
        it(`finishes in ${retry} when any step to ${what} failed: ${moment} it was done`, async () => {
          for (let step = 1; ; step++) {
            const bench = await KeepBench.open();
            const bytes = bench.bytesAtHand();
            if (what === "delete") bench.archive = undefined;
            const failing = failingAt(step, moment, code);
            bench.restart(failing.files);
            await bench.roundAfter(what === "archive" ? 2 * HOUR : 4 * HOUR);
            if (failing.steps() < step) return;
            assert.equal(bench.clock.report.faults.length, 1, `step ${step}`);
            const isGone = bench.session().deleted !== undefined;
            assert.ok(isGone || bench.names().some((name) => name.endsWith(".bsr")), `step ${step}`);
            if (retry === "a restart") bench.restart();
            await bench.roundAfter(HOUR);
            assert.deepEqual(
              bench.names(),
              what === "archive" ? ["archive/2026-11-21/ses-1.bsr"] : [],
              `step ${step}`,
            );
            assert.deepEqual(bench.types(), [`recording.${what}d`], `step ${step}`);
            assert.deepEqual(bench.clock.report.faults, []);
            if (what === "archive")
              assert.ok(readFileSync(join(bench.folder, "archive/2026-11-21/ses-1.bsr")).equals(bytes));
          }
        });

  it("leaves no half copy behind on a full archive, and keeps the original", async () => {
    const bench = await KeepBench.open();
    bench.restart(failingAt(4, "half way", "ENOSPC").files); // the three before it only look
    await bench.roundAfter(2 * HOUR);
    assert.deepEqual(bench.names(), ["recordings/2026-11-21/ses-1.bsr"]);
    assert.match(bench.clock.report.faults[0]?.fault ?? "", /^ENOSPC/u);
  });

  it("does not take a copy for whole that reads otherwise than it was written", async () => {
    const bench = await KeepBench.open();
    bench.restart({ ...systemFiles, hash: () => Promise.resolve("0".repeat(64)) });
    await bench.roundAfter(2 * HOUR);
    assert.deepEqual(bench.names(), ["recordings/2026-11-21/ses-1.bsr"]);
    assert.deepEqual(bench.types(), []);
  });

  const wrongs: readonly [name: string, spoil: (bench: KeepBench) => void, fault: RegExp][] = [
    ["a-changed-byte", (bench) => flip(bench.pathAtHand(), 400), /ses-1\.bsr/u],
    ["bytes-behind-its-end", (bench) => appendFileSync(bench.pathAtHand(), "more"), /ses-1\.bsr/u],
    ["a-link-to-it", (bench) => elsewhere(bench.pathAtHand()), /is a link/u],
    ["a-missing-file", (bench) => rmSync(bench.pathAtHand()), /missing|ENOENT|no such file/u],
    ["two-that-changed-places", (bench) => swap(bench.pathAtHand(1), bench.pathAtHand(2)), /ses-1\.bsr/u],
  ];
  for (const [name, spoil, fault] of wrongs)
    it(`neither moves nor deletes, and so explains away: ${name}`, async () => {
      const bench = await KeepBench.open(2);
      spoil(bench);
      const before = bench.names();
      await bench.roundAfter(2 * HOUR);
      await bench.roundAfter(2 * HOUR);
      const { faults } = bench.clock.report;
      assert.match(faults.find(({ session }) => session === sessionId(1))?.fault ?? "", fault);
      assert.equal(bench.session(1).archived ?? bench.session(1).deleted, undefined);
      assert.ok(
        before.filter((path) => path.endsWith("ses-1.bsr")).every((path) => bench.names().includes(path)),
      );
    });

  it("keeps what is in an archive that is the recordings' own folder, by a link: there is no second one", async () => {
    const bench = await KeepBench.open();
    symlinkSync(join(bench.folder, "recordings"), join(bench.folder, "archive"));
    await bench.roundAfter(2 * HOUR);
    assert.equal(existsSync(bench.pathAtHand()), true);
    assert.match(bench.clock.report.faults[0]?.fault ?? "", /under another name/u);
    const path = bench.session().recording;
    await bench.ledger.record({ type: "recording.archived", session: sessionId(1), path });
    bench.restart();
    await bench.roundAfter(1);
    assert.equal(existsSync(bench.pathAtHand()), true, "moved, and then linked back");
  });

  it("writes through no link that lies where its copy is to be", async () => {
    const bench = await KeepBench.open();
    const victim = join(bench.folder, "victim");
    writeFileSync(victim, "precious");
    mkdirSync(join(bench.folder, "archive/2026-11-21"), { recursive: true });
    symlinkSync(victim, join(bench.folder, "archive/2026-11-21/ses-1.bsr.part"));
    await bench.roundAfter(2 * HOUR);
    assert.equal(readFileSync(victim, "utf8"), "precious");
    assert.deepEqual(bench.names(), ["archive/2026-11-21/ses-1.bsr", "victim"]);
  });

  it("waits for a change of the recording that is not finished, and removes what it left when it deletes", async () => {
    const bench = await KeepBench.open();
    writeFileSync(`${bench.pathAtHand()}.edit`, "half a copy");
    await bench.roundAfter(2 * HOUR);
    assert.equal(bench.session().archived, undefined);
    assert.match(bench.clock.report.faults[0]?.fault ?? "", /not finished yet$/u);
    await bench.roundAfter(2 * HOUR);
    assert.deepEqual(bench.names(), []);
  });

  it("waits for whoever works on the same recording, and for nobody else", async () => {
    const bench = await KeepBench.open(2);
    let done: () => void = () => undefined;
    const work = bench.recordingTurns.take(
      sessionId(2),
      () => new Promise<void>((resolve) => (done = resolve)),
    );
    const round = bench.roundAfter(2 * HOUR);
    while (bench.session(1).archived === undefined) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(bench.session(2).archived, undefined);
    done();
    await Promise.all([work, round]);
    assert.notEqual(bench.session(2).archived, undefined);
  });
});

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}

function elsewhere(path: string): void {
  renameSync(path, `${path}.kept`);
  symlinkSync(`${path}.kept`, path);
}

function swap(one: string, other: string): void {
  renameSync(one, `${one}.away`);
  renameSync(other, one);
  renameSync(`${one}.away`, other);
}
