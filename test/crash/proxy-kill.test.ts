import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyRecording } from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { checkLedger } from "../harness/check-ledger.js";
import { closeAfterwards } from "../harness/closing.js";
import { descendants, endProcessTree, signal } from "../harness/processes.js";
import { bytesOf, readRecorded, recordingFiles, type Recorded } from "../harness/recorded.js";
import { programEnvironment } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh } from "../harness/tools.js";
import { until } from "../harness/until.js";
import { randomFrom } from "./random.js";

const seed = Number(process.env["BASCULE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

type Victim = "proxy" | "both proxies" | "control" | "supervisor";
// many-kills.test.ts has the many: these are with the real ssh and sshd, and with the supervisor's death.
const rounds: readonly Victim[] = ["proxy", "control", "both proxies", "supervisor"];

/** Sessions that copy as fast as they can, and sessions where somebody types. */
const copying = 2;
const typing = 2;
/** How much each copies before anything dies, and how long after that it may go on. */
const warmBytes = 64 * 1024;
const goesOnMs = 200;

/** Invariants 1 and 2: what a target received is in the recording, and no target is reached without one. */
describe("crash/proxy-kill", () => {
  // One test, because processes that are started again belong to the test that had them killed.
  it(`holds all that targets received, whoever is killed (again with BASCULE_SEED=${seed})`, async function () {
    this.timeout(240_000);
    const random = randomFrom(seed);
    const bastion = await startBastion();
    const folder = temporaryFolder("received");
    await bastion.issue();
    for (const [index, victim] of rounds.entries()) {
      try {
        await playRound(bastion, join(folder, `round-${index + 1}`), victim, random);
      } catch (cause) {
        throw new Error(`round ${index + 1}, kill -9 of ${victim}: ${String(cause)}`, { cause });
      }
    }
    assertLoginsRecorded(bastion);
    await assertToldApart(bastion);
  });
});

async function playRound(
  bastion: Bastion,
  files: string,
  victim: Victim,
  random: () => number,
): Promise<void> {
  const before = new Set(recordingFiles(bastion.recordings));
  const sessions = Array.from({ length: copying + typing }, (_, at) =>
    (at < copying ? copySession : typingSession)(bastion, `${files}-${at}`, random),
  );
  await until("every session is under way", () =>
    sessions.every(({ file, warmAt }) => existsSync(file) && statSync(file).size >= warmAt),
  );
  await sleep(random() * goesOnMs);
  const dead = kill(bastion, victim, random);
  await sleep(random() * goesOnMs); // what still lives goes on
  await Promise.all(sessions.map(({ end }) => end()));
  await until("the target is alone", () => bastion.sshd.processCount() === 1);
  if (victim === "supervisor") {
    await until("the old processes are gone", () => dead.every((pid) => !existsSync(`/proc/${pid}`)));
    await bastion.start();
  }
  const paths = recordingFiles(bastion.recordings).filter((path) => !before.has(path));
  const recorded = await Promise.all(paths.map((path) => readRecorded(path, bastion.auditorKey)));
  assert.equal(recorded.length, sessions.length);
  for (const { file } of sessions) assertHolds(recordingOf(recorded, file), readFileSync(file));
  if (victim === "both proxies") assert.ok(recorded.every(({ ending }) => ending.state === "open"));
  if (victim === "control") assert.ok(recorded.every(({ ending }) => ending.state === "ended"));
  await until("all processes are back", () => {
    const all = [...bastion.pidsOf("proxy"), ...bastion.pidsOf("control")];
    return all.length === 3 && !all.some((pid) => dead.includes(pid));
  });
  await until("all proxies are linked", async () => {
    const { stdout } = await bastion.bascule(["doctor"]);
    return /proxies +2 on /u.test(stdout.toString());
  });
}

/** The target's sshd names the session of each certificate that it let in. */
function assertLoginsRecorded(bastion: Bastion): void {
  const accepted = [...bastion.sshd.log().matchAll(/Accepted publickey .* ID \S+\/(ses-\w+) /g)];
  const recordings = recordingFiles(bastion.recordings);
  assert.ok(accepted.length >= rounds.length * (copying + typing));
  assert.equal(accepted.length, recordings.length);
  for (const [, session = "none"] of accepted)
    assert.ok(
      recordings.some((path) => path.endsWith(`/${session}.bsr`)),
      session,
    );
}

/** Every session has an end in the ledger, interrupted where its recording has none; and all of it verifies. */
async function assertToldApart(bastion: Bastion): Promise<void> {
  const states = new Map<string, string>();
  for (const path of recordingFiles(bastion.recordings)) {
    const { header, state } = await verifyRecording(path);
    states.set(header.session, state);
  }
  await until("no session is live", async () => {
    const live = (await bastion.json(["sessions", "--live"])) as unknown[];
    return live.length === 0;
  });
  const listed = (await bastion.json(["sessions", "--all"])) as { session: string; status: string }[];
  assert.equal(listed.length, states.size);
  for (const { session, status } of listed)
    assert.equal(status === "interrupted", states.get(session) === "open", `${session} is ${status}`);
  const interrupted = [...states.values()].filter((state) => state === "open").length;
  assert.ok(interrupted > 0);
  const counted = new RegExp(`: \\d+ whole, ${interrupted} interrupted\\n`, "u");
  await until("a checkpoint says so too", async () => {
    const verified = await bastion.bascule(["verify"]);
    assert.equal(verified.status, 0, verified.stderr + verified.stdout.toString());
    return counted.test(verified.stdout.toString());
  });
  await bastion.stop();
  const offline = await bastion.bascule(["verify", bastion.home]);
  assert.equal(offline.status, 0, offline.stderr + offline.stdout.toString());
  assert.deepEqual((await checkLedger(join(bastion.home, "journal"))).openSessions, []);
}

interface RunningSession {
  readonly child: ChildProcess;
  /** Where the target puts what it receives. */
  readonly file: string;
  readonly warmAt: number;
  readonly end: () => Promise<void>;
}

/** `cat > file` fed with numbered lines, in pieces of 1 to 64 KiB, as fast as they are taken. */
function copySession(bastion: Bastion, file: string, random: () => number): RunningSession {
  const session = start(bastion, file, ["prod", `cat > ${file}`], warmBytes);
  const { stdin } = session.child;
  const lines = numberedLines();
  const feed = () => {
    while (stdin?.writable === true && stdin.write(lines(1024 * (1 + Math.floor(random() * 64)))));
  };
  stdin?.on("drain", feed);
  feed();
  return session;
}

/** The same on a raw terminal, a few characters at a time. */
function typingSession(bastion: Bastion, file: string, random: () => number): RunningSession {
  const session = start(bastion, file, ["-tt", "prod", `stty raw -echo; cat > ${file}`], 0);
  const lines = numberedLines();
  const typist = setInterval(() => {
    if (existsSync(file)) session.child.stdin?.write(lines(1 + Math.floor(random() * 5)));
  }, 5);
  session.child.once("exit", () => clearInterval(typist));
  return { ...session, warmAt: 20 };
}

function start(bastion: Bastion, file: string, args: readonly string[], warmAt: number): RunningSession {
  const child = spawn(openssh("9.2").ssh, ["-F", bastion.sshConfig, "-J", "bastion", ...args], {
    env: programEnvironment(),
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.stdin.on("error", () => undefined); // it is killed in the middle
  const end = () => endProcessTree(child.pid ?? 0);
  closeAfterwards(end);
  return { child, file, warmAt, end };
}

/** The pids that are gone, or will be once their sessions are. */
function kill(bastion: Bastion, victim: Victim, random: () => number): number[] {
  const proxies = bastion.pidsOf("proxy");
  const proxy = proxies[Math.floor(random() * proxies.length)] ?? 0;
  const pids = {
    proxy: [proxy],
    "both proxies": proxies,
    control: bastion.pidsOf("control"),
    supervisor: [bastion.pid],
  }[victim];
  const all = [bastion.pid, ...descendants(bastion.pid).map(({ pid }) => pid)];
  for (const pid of pids) signal(pid, "SIGKILL");
  return victim === "supervisor" ? all : pids;
}

function recordingOf(recorded: readonly Recorded[], file: string): Recorded {
  const found = recorded.filter(({ channels }) =>
    channels.some(({ start: begun }) => begun?.kind === "exec" && begun.command.endsWith(`cat > ${file}`)),
  );
  assert.equal(found.length, 1, `${found.length} recordings of ${file}`);
  return found[0] as Recorded;
}

function assertHolds(recorded: Recorded, received: Buffer): void {
  const held = bytesOf(recorded, "stdin");
  const name = recorded.header.session;
  assert.ok(held.length >= received.length, `${name}: ${received.length} received, ${held.length} recorded`);
  assert.ok(held.subarray(0, received.length).equals(received), `${name} holds other bytes`);
  assert.ok(held.equals(numberedLines()(held.length)), `${name} holds what was not sent`);
}

const lineBytes = 64;

/** As many of the numbered lines as were wanted so far: they are always the same, and many to make anew. */
let lines = Buffer.alloc(0);

function linesUpTo(bytes: number): Buffer {
  if (lines.length < bytes) {
    const first = lines.length / lineBytes;
    const count = Math.ceil(Math.max(bytes, 2 * lines.length) / lineBytes) - first;
    const more = Array.from({ length: count }, (_, line) => `${first + line}\n`.padStart(lineBytes, "."));
    lines = Buffer.concat([lines, Buffer.from(more.join(""), "latin1")]);
  }
  return lines.subarray(0, bytes);
}

/** A text of numbered lines, piece by piece. */
function numberedLines(): (bytes: number) => Buffer {
  let at = 0;
  return (bytes) => linesUpTo(at + bytes).subarray(at, (at += bytes));
}
