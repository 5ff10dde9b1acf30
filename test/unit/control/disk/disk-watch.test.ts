import assert from "node:assert/strict";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { AccessEvent, SessionId } from "../../../../src/access/index.js";
import type { Config, DiskSettings } from "../../../../src/config/index.js";
import { DiskWatch } from "../../../../src/control/disk/disk-watch.js";
import type { Space } from "../../../../src/control/disk/free-space.js";
import { closeAfterwards } from "../../../harness/closing.js";
import { temporaryFolder } from "../../../harness/temporary.js";
import {
  certificateIssued,
  grantIssued,
  overrideId,
  sessionId,
  sessionStarted,
} from "../../access/sample.js";
import { MovedClocks } from "../bench.js";
import { LedgerInMemory } from "../ledger-in-memory.js";

const MIB = 2 ** 20;
const settings: DiskSettings = {
  warnBelow: { bytes: 100 * MIB },
  fullBelow: { bytes: 50 * MIB },
  reserveBytes: 8 * MIB,
  ballastBytes: MIB,
  whenFull: "two-people",
};
const asked: AccessEvent = {
  ...{ type: "disk.override.asked", override: overrideId(), by: "root", reason: "outage", forMs: 60_000 },
};

/** A disk that a test fills, and what the watch did about it. */
class Rig {
  readonly clocks = new MovedClocks();
  readonly folder = temporaryFolder("disk");
  readonly cuts: { text: string; session: SessionId | undefined }[] = [];
  readonly ledger: LedgerInMemory;
  settings = settings;
  /** What others have left; the ballast takes its part of it. */
  free = { recordings: 200 * MIB, home: 200 * MIB };
  fault: Error | undefined;
  watch!: DiskWatch;

  constructor(events: readonly AccessEvent[] = []) {
    this.ledger = new LedgerInMemory(this.clocks, events);
    for (const place of ["recordings", "home"]) mkdirSync(join(this.folder, place));
  }

  async open(): Promise<this> {
    const config = () =>
      ({
        disk: this.settings,
        recordings: join(this.folder, "recordings"),
        home: join(this.folder, "home"),
      }) as Config;
    this.watch = await DiskWatch.open({
      ...{
        keeper: this.ledger,
        clocks: this.clocks,
        config,
        freeSpace: { measure: (path) => this.#measure(path) },
      },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      cut: (text, session) => Promise.resolve(void this.cuts.push({ text, session })),
    });
    closeAfterwards(() => this.watch.stop());
    return this;
  }

  ballastOf(place: "recordings" | "home"): string {
    return join(this.folder, place, ".ballast");
  }

  levels(): readonly string[] {
    return this.ledger.entries.flatMap((entry) =>
      entry.type === "disk.state" ? [`${entry.where} ${entry.state}`] : [],
    );
  }

  #measure(path: string): Promise<Space> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const place = path.endsWith("home") ? "home" : "recordings";
    const ballast = existsSync(this.ballastOf(place)) ? statSync(this.ballastOf(place)).size : 0;
    return Promise.resolve({ device: place, freeBytes: this.free[place] - ballast, totalBytes: 1000 * MIB });
  }
}

const live = [grantIssued(), certificateIssued(), sessionStarted()];

describe("control/disk/disk-watch", () => {
  it("lets in as many as there is room for above the mark, and again when one has gone", async () => {
    const rig = await new Rig().open();
    rig.free.recordings = 50 * MIB + MIB + 3 * 8 * MIB + 7 * MIB; // the mark, the ballast, three and not quite four
    const admitted = [];
    for (const n of [1, 2, 3, 4]) admitted.push((await rig.watch.admit(sessionId(n))).ok);
    assert.deepEqual(admitted, [true, true, true, false]);
    rig.watch.forget(sessionId(2));
    assert.deepEqual(await rig.watch.admit(sessionId(4)), { ok: true, quotaBytes: 8 * MIB });
  });

  it("counts as used what sessions have written, and frees it when they end", async () => {
    const rig = await new Rig(live).open();
    assert.equal(
      rig.watch.report.reservedBytes,
      8 * MIB,
      "a session of before counts as if it had just begun",
    );
    rig.watch.attach(sessionId(), 20 * MIB, 5 * MIB);
    assert.equal(rig.watch.report.reservedBytes, 15 * MIB);
    const head = { bytes: 12 * MIB, blocks: 9, hash: "0".repeat(64) };
    await rig.ledger.record({ type: "recording.head", session: sessionId(), ...head });
    assert.equal(rig.watch.report.reservedBytes, 8 * MIB);
    await rig.ledger.record({ type: "session.ended", session: sessionId(), outcome: "closed" });
    assert.equal(rig.watch.report.reservedBytes, 0);
  });

  it("gives a session more while there is room, and cuts the one for which there is none", async () => {
    const rig = await new Rig(live).open();
    assert.equal(await rig.watch.more(sessionId(), 6 * MIB), 16 * MIB);
    rig.free.recordings = 55 * MIB;
    assert.equal(await rig.watch.more(sessionId(), 12 * MIB), 16 * MIB);
    assert.deepEqual(
      rig.cuts.map(({ session }) => session),
      [sessionId()],
    );
    assert.match(rig.cuts[0]?.text ?? "", /^the bastion's disk is full/);
  });

  it("notes each change once, the worse place first, and cuts all when it is critical", async () => {
    const rig = await new Rig(live).open();
    for (const [place, free] of [
      ["recordings", 90],
      ["recordings", 91], // no news
      ["home", 40],
      ["home", 5],
      ["home", 4],
      ["home", 200],
      ["recordings", 200],
    ] as const) {
      rig.free[place] = free * MIB;
      await rig.watch.look();
    }
    assert.deepEqual(rig.levels(), [
      "recordings low",
      "home full",
      "home critical",
      "recordings low",
      "recordings ok",
    ]);
    assert.deepEqual(
      rig.cuts.map(({ session }) => session),
      [undefined, undefined],
      "at each look, until they are gone",
    );
  });

  it("refuses when it is full, whichever place is, and lets in again when there is room", async () => {
    const rig = await new Rig().open();
    rig.free.home = 40 * MIB;
    const refused = await rig.watch.admit(sessionId());
    assert.ok(!refused.ok);
    assert.match(refused.detail, /^home full: \d+ bytes free/);
    rig.free.home = 200 * MIB;
    assert.equal((await rig.watch.admit(sessionId())).ok, true);
  });

  it("keeps a ballast that is really there, gives it up at the last, and makes it anew when there is room", async () => {
    const rig = await new Rig().open();
    assert.equal(existsSync(rig.ballastOf("home")), false, "nobody waits for it at the start");
    await rig.watch.look();
    const { size, blocks } = statSync(rig.ballastOf("home"));
    assert.deepEqual([size, blocks * 512 >= MIB], [MIB, true]);
    rig.free.home = 60 * MIB;
    await rig.watch.look();
    rig.free.home = 3 * MIB;
    await rig.watch.look();
    assert.deepEqual([rig.ballastOf("home"), rig.ballastOf("recordings")].map(existsSync), [false, true]);
    await rig.watch.look();
    assert.equal(rig.watch.report.level, "critical", "giving it up makes nothing better");
    rig.free.home = 200 * MIB;
    await rig.watch.look();
    assert.equal(statSync(rig.ballastOf("home")).size, MIB);
  });

  it("lets sessions begin on a full disk for as long as two admins said, never into the last words", async () => {
    const rig = await new Rig().open();
    rig.free.recordings = 40 * MIB;
    assert.equal((await rig.watch.admit(sessionId(1))).ok, false);
    await rig.ledger.record(asked);
    assert.equal((await rig.watch.admit(sessionId(1))).ok, false, "one has only asked");
    const untilMs = rig.clocks.wall + 60_000;
    await rig.ledger.record({ type: "disk.override.given", override: overrideId(), by: "ruth", untilMs });
    const admitted = await rig.watch.admit(sessionId(1));
    assert.equal(admitted.ok && admitted.override?.by, "root");
    rig.free.recordings = 14 * MIB; // 8 of it for last words
    assert.equal((await rig.watch.admit(sessionId(2))).ok, false);
    rig.free.recordings = 40 * MIB;
    rig.settings = { ...settings, whenFull: "refuse" };
    assert.equal((await rig.watch.admit(sessionId(3))).ok, false, "a reload has taken it back");
    rig.settings = settings;
    rig.clocks.pass(60_000);
    assert.equal((await rig.watch.admit(sessionId(3))).ok, false);
    await rig.watch.look();
    assert.equal(rig.ledger.entries.at(-1)?.type, "disk.override.ended");
    rig.clocks.wall -= 50_000;
    assert.equal((await rig.watch.admit(sessionId(3))).ok, false, "a clock set back revives nothing");
  });

  it("ends an override by the monotonic clock too", async () => {
    const rig = await new Rig().open();
    await rig.ledger.record(asked);
    const untilMs = rig.clocks.wall + 60_000;
    await rig.ledger.record({ type: "disk.override.given", override: overrideId(), by: "ruth", untilMs });
    await rig.watch.look();
    rig.clocks.monotonic += 60_000;
    await rig.watch.look();
    assert.equal(rig.ledger.entries.at(-1)?.type, "disk.override.ended");
  });

  it("keeps what it knew when the disk cannot be asked, and says so", async () => {
    const rig = await new Rig().open();
    rig.free.home = 40 * MIB;
    await rig.watch.look();
    rig.fault = new Error("EIO");
    await rig.watch.look();
    assert.equal(rig.watch.report.level, "full");
    assert.deepEqual(
      rig.watch.report.places.map(({ fault }) => fault),
      ["EIO", "EIO"],
    );
  });

  it("knows from the ledger what it told before a restart", async () => {
    const rig = new Rig([{ type: "disk.state", state: "full", where: "home", freeBytes: 1 }]);
    rig.free.home = 40 * MIB;
    await (await rig.open()).watch.look();
    assert.deepEqual(rig.levels(), ["home full"]);
    rig.free.home = 200 * MIB;
    await rig.watch.look();
    assert.deepEqual(rig.levels(), ["home full", "recordings ok"]);
  });
});
