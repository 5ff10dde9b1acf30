import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startCollectingTarget, type CollectingTarget } from "../harness/collecting-target.js";
import { signal } from "../harness/processes.js";
import { bytesOf, readRecorded, recordingFiles } from "../harness/recorded.js";
import { Crowd, linesOf } from "./crowd.js";
import { randomFrom } from "./random.js";

const seed = Number(process.env["BASCULE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
// By hand: BASCULE_ROUNDS=100 BASCULE_SESSIONS=200, four minutes.
const rounds = Number(process.env["BASCULE_ROUNDS"] ?? 15);
const sessions = Number(process.env["BASCULE_SESSIONS"] ?? 60);

type Victim = "control" | "proxy" | "both";
/** In ten kills. A proxy takes its half of the sessions with it, and they take seconds to be opened anew. */
const victims: readonly Victim[] = [
  ...(["control", "control", "proxy", "control", "control"] as const),
  ...(["control", "control", "both", "control", "control"] as const),
];

const settlesWithinMs = 60_000;

/** Invariants 1 to 3, for many at once. */
describe("crash/many-kills", () => {
  it(`loses nothing that targets received in ${rounds} kills under ${sessions} sessions (again with BASCULE_SEED=${seed})`, async function () {
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
    try {
      for (let round = 0; round < rounds; round++) {
        await until("all sessions are open", () => crowd.size >= sessions);
        await sleep(random() * 100);
        const victim = victims[round % victims.length] ?? "control";
        await killAndWait(bastion, victim, random);
      }
    } finally {
      await crowd.close();
    }
    await until("no session is live", async () => {
      const { status, stdout } = await bastion.bascule(["sessions", "--live", "--json"]);
      return status === 0 && (JSON.parse(stdout.toString()) as unknown[]).length === 0;
    });
    await assertRecorded(bastion, target, crowd);
    const verified = await bastion.bascule(["verify"]);
    assert.equal(verified.status, 0, verified.stderr + verified.stdout.toString());
  });
});

async function killAndWait(bastion: Bastion, victim: Victim, random: () => number): Promise<void> {
  const [controls, proxies] = [bastion.pidsOf("control"), bastion.pidsOf("proxy")];
  const proxy = proxies[Math.floor(random() * proxies.length)] ?? 0;
  const killed = victim === "control" ? controls : victim === "proxy" ? [proxy] : [...controls, proxy];
  for (const pid of killed) signal(pid, "SIGKILL");
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

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const lastMs = performance.now() + settlesWithinMs;
  while (!(await holds())) {
    if (performance.now() > lastMs) throw new Error(`not within ${settlesWithinMs} ms: ${what}`);
    await sleep(20);
  }
}
