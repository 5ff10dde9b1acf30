import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  homeSource,
  verifyEvidence,
  type EvidenceReport,
  type OlderCheckpoint,
} from "../../src/evidence/index.js";
import { openCheckpoint, parseVerifiers } from "../../src/ledger/index.js";
import { parseAuditorPrivateKey } from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startCollectingTarget, type CollectingTarget } from "../harness/collecting-target.js";
import { signal } from "../harness/processes.js";
import { bytesOf, readRecorded, recordingFiles } from "../harness/recorded.js";
import { until } from "../harness/until.js";
import { Crowd, linesOf } from "./crowd.js";
import { randomFrom } from "./random.js";

const seed = Number(process.env["BASCULE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
// By hand: BASCULE_ROUNDS=100 BASCULE_SESSIONS=200, some five minutes.
const rounds = Number(process.env["BASCULE_ROUNDS"] ?? 6);
const sessions = Number(process.env["BASCULE_SESSIONS"] ?? 30);

type Victim = "control" | "proxy" | "both";
/** In ten kills. A proxy takes its half of the sessions with it, and they take seconds to be opened anew. */
const victims: readonly Victim[] = [
  ...(["control", "control", "proxy", "control", "control"] as const),
  ...(["control", "control", "both", "control", "control"] as const),
];

/** Invariants 1 to 3, for many at once. */
describe("crash/many-kills", () => {
  it(`loses no checkpoint and nothing that targets received in ${rounds} kills under ${sessions} sessions (again with BASCULE_SEED=${seed})`, async function () {
    this.timeout(900_000);
    const random = randomFrom(seed);
    const target = await startCollectingTarget();
    const bastion = await startBastion({
      prod: (sshd) =>
        `{ address: "127.0.0.1:${target.port}", hostKeys: ["${target.hostKeyLine}"], labels: { env: prod }, logins: [${sshd.login}] }`,
      settings:
        "limits: { connectionsPerMinutePerAddress: 100000, unauthenticatedConnectionsPerAddress: 128 }",
    });
    await bastion.issue({ duration: "4h" });
    const crowd = new Crowd(bastion, { size: sessions, user: `${bastion.login}+prod`, random });
    const kept: OlderCheckpoint[] = [];
    try {
      for (let round = 0; round < rounds; round++) {
        await until("all sessions are open", () => crowd.size >= sessions);
        await sleep(random() * 100);
        const victim = victims[round % victims.length] ?? "control";
        await killAndWait(bastion, victim, random, (dead) =>
          kept.push({ where: `round ${round}, ${dead} killed`, note: fileOf(bastion, "checkpoint") }),
        );
      }
    } finally {
      await crowd.close();
    }
    await until("no session is live", async () => {
      const { status, stdout } = await bastion.bascule(["sessions", "--live", "--json"]);
      return status === 0 && (JSON.parse(stdout.toString()) as unknown[]).length === 0;
    });
    await bastion.stop();
    await assertRecorded(bastion, target, crowd);
    assertGrew(bastion, kept);
    await assertVerified(bastion, kept, crowd);
  });
});

/** `onKilled` is called before anything can be there again. */
async function killAndWait(
  bastion: Bastion,
  victim: Victim,
  random: () => number,
  onKilled: (victim: Victim) => void,
): Promise<void> {
  const [controls, proxies] = [bastion.pidsOf("control"), bastion.pidsOf("proxy")];
  const proxy = proxies[Math.floor(random() * proxies.length)] ?? 0;
  const killed = victim === "control" ? controls : victim === "proxy" ? [proxy] : [...controls, proxy];
  for (const pid of killed) signal(pid, "SIGKILL");
  onKilled(victim);
  await until("what was killed is there again", () => {
    const now = [...bastion.pidsOf("control"), ...bastion.pidsOf("proxy")];
    return now.length === controls.length + proxies.length && !now.some((pid) => killed.includes(pid));
  });
}

/** What each target received is the beginning of what its recording holds, and that of what was sent. */
async function assertRecorded(bastion: Bastion, target: CollectingTarget, crowd: Crowd): Promise<void> {
  const held = new Map<string, Buffer>();
  for (const path of recordingFiles(bastion.recordings)) {
    const recorded = await readRecorded(path, bastion.auditorKey);
    const start = recorded.channels[0]?.start;
    if (start?.kind === "exec") held.set(start.command, bytesOf(recorded, "stdin"));
  }
  for (const command of crowd.commands) {
    const received = target.received(command);
    const bytes = held.get(command) ?? Buffer.alloc(0);
    assert.ok(
      bytes.subarray(0, received.length).equals(received),
      `${command}: ${received.length} received, ${bytes.length} recorded`,
    );
    assert.ok(bytes.equals(linesOf(command, bytes.length)), `${command}: what was not sent is recorded`);
  }
  assert.ok(held.size >= sessions);
}

/** A checkpoint that was there when something died is never followed by a smaller one. */
function assertGrew(bastion: Bastion, kept: readonly OlderCheckpoint[]): void {
  const { log } = parseVerifiers(fileOf(bastion, "verifiers"));
  let before = 0;
  for (const { where, note } of [...kept, { where: "the end", note: fileOf(bastion, "checkpoint") }]) {
    const { size } = openCheckpoint(note, log);
    assert.ok(size >= before, `${where}: a checkpoint of ${size} entries after one of ${before}`);
    before = size;
  }
}

/** Every session is there, whole or marked as interrupted, opens with the auditors' key, and all that was signed on the way still holds. */
async function assertVerified(
  { home, recordings, auditorKey }: Bastion,
  olderCheckpoints: readonly OlderCheckpoint[],
  crowd: Crowd,
): Promise<void> {
  const report: EvidenceReport = await verifyEvidence(homeSource({ home, recordings }), {
    olderCheckpoints,
    auditorKeys: [parseAuditorPrivateKey(readFileSync(auditorKey, "utf8"))],
  });
  assert.deepEqual(report.faults, []);
  assert.equal(report.olderCheckpoints, rounds);
  const { total, whole, interrupted, empty } = report.sessions;
  assert.equal(whole + interrupted + empty, total, JSON.stringify(report.sessions));
  assert.ok(total >= sessions && total <= crowd.commands.length);
  assert.ok(interrupted > 0, "no session died with its proxy");
}

function fileOf({ home }: Bastion, name: string): string {
  return readFileSync(join(home, "ledger", name), "utf8");
}
