import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { join, resolve } from "node:path";
import { certAuthorityLine, utcText } from "../../control/index.js";
import { EXIT } from "../../commands/index.js";
import { askRunning } from "../run-shared.js";
import { startServing, type ServingBastion } from "../serve/serve.js";
import { DEMO_TARGET, demoFiles, writeSshConfigs, type DemoFiles } from "../start/demo-files.js";
import { openDemoHome } from "../start/demo-home.js";
import { DrivenTerminal } from "./driven-terminal.js";
import { runBascule, runProgram } from "./program-run.js";
import { expect, Report, TourError } from "./report.js";

/** Long enough to be slow in, short enough to wait for. */
const GRANT_SPAN = "20s";
/** The grant's end is warned of this long before. */
const NOTICE = "8s";
/** How late the cut may be seen here: the clocks of this machine, and a process that has to end. */
const LATE_MS = 2000;

interface Tour {
  readonly report: Report;
  readonly home: string;
  readonly files: DemoFiles;
}

interface GivenGrant {
  readonly id: string;
  readonly untilMs: number;
}

/**
 * The whole way without hands, with the system's own `ssh`: a certificate, a jump, commands on a terminal, a file, the
 * warning, the cut, the replay, the proof. Gives 0 only if all of it happened. With `keep` what it made stays there.
 */
export async function tour(keep: string | undefined, say: (line: string) => void): Promise<number> {
  const home = keep === undefined ? mkdtempSync(join(tmpdir(), "bascule-demo-")) : resolve(keep);
  if (keep !== undefined) mkdirSync(home, { recursive: true, mode: 0o700 });
  try {
    await withBastion(home, say);
    say(
      keep === undefined
        ? "\nAll of it happened."
        : `\nAll of it happened. Home and recordings are in ${home}`,
    );
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof TourError)) throw error;
    say(`\nFAILED: ${error.message}`);
    return EXIT.failed;
  } finally {
    if (keep === undefined) rmSync(home, { recursive: true, force: true });
  }
}

async function withBastion(home: string, say: (line: string) => void): Promise<void> {
  const report = new Report(say);
  const wish = { home, listen: "127.0.0.1:0", recordings: "./recordings", extra: `notices: [${NOTICE}]\n` };
  const { configPath, paths, target } = await openDemoHome(wish);
  const parts: Tour = { report, home, files: demoFiles(paths) };
  try {
    const bastion = await report.step("The bastion starts, and a target beside it", () =>
      startServing(configPath),
    );
    try {
      await visit(parts, bastion);
    } finally {
      await bastion.supervisor.stop();
    }
    await report.step("The bastion is stopped; its files prove themselves", () => proveFiles(parts));
  } finally {
    await target?.close();
  }
}

async function visit(parts: Tour, { listen }: ServingBastion): Promise<void> {
  const { report, files, home } = parts;
  report.seen(`listening on ${listen.host}:${listen.port}`);
  const { json } = await askRunning("ca show", {}, { home });
  writeSshConfigs(files, listen.port, certAuthorityLine((json as { hostCa: string }).hostCa));
  const grant = await report.step(`An admin gives alice ${GRANT_SPAN} on ${DEMO_TARGET}`, () => issue(parts));
  const terminal = new DrivenTerminal("ssh", ["-F", files.sshConfigs.alice, DEMO_TARGET], home);
  try {
    const mark = await report.step("She jumps there, and types", () => typeAway(parts, terminal));
    await report.step("She copies a file", () => copyFile(parts));
    await report.step("The end of the grant comes: warned, then cut", () => beCut(parts, terminal, grant));
    const session = await report.step("The session is in the list", () => findSession(parts));
    await report.step("An auditor replays what the terminal showed", () => replay(parts, session, mark));
    await report.step("A new attempt is refused, with the reason", () => beRefused(parts));
    await report.step("Ledger and recordings are checked", () => verify(parts));
  } finally {
    terminal.close();
  }
}

async function issue({ report, home, files }: Tour): Promise<GivenGrant> {
  const words = `--identity alice --target ${DEMO_TARGET} --login demo --for ${GRANT_SPAN} --reason "the tour"`;
  report.typed(`bascule cert issue ${words} > alice-cert.pub`);
  const values = {
    identity: ["alice"],
    target: [DEMO_TARGET],
    login: ["demo"],
    for: [GRANT_SPAN],
    reason: ["the tour"],
  };
  const { json } = await askRunning("cert issue", values, { home });
  const { certificate, grant } = json as { certificate: string; grant: GivenGrant };
  writeFileSync(files.aliceCertificate, `${certificate}\n`, { mode: 0o600 });
  report.seen(`${grant.id} until ${utcText(grant.untilMs, "seconds")}`);
  return grant;
}

/** Gives what the terminal must have shown: computed there, so that an echo of the typing is not taken for it. */
async function typeAway({ report }: Tour, terminal: DrivenTerminal): Promise<string> {
  report.typed(`ssh -J bastion demo@${DEMO_TARGET}`);
  await terminal.shows("$ ", 10_000);
  const mark = randomBytes(4).toString("hex");
  const line = `printf '%s-%s\\n' ${mark} "$((6 * 7))"`;
  report.typed(line);
  await terminal.type(line);
  await terminal.shows(`${mark}-42`, 5000);
  report.seen(`${mark}-42`);
  return `${mark}-42`;
}

async function copyFile({ report, files, home }: Tour): Promise<void> {
  const content = randomBytes(256 * 1024);
  writeFileSync(join(home, "parcel"), content);
  report.typed(`scp parcel ${DEMO_TARGET}:`);
  const { status, stderr } = await runProgram(
    "scp",
    ["-F", files.sshConfigs.alice, "parcel", `${DEMO_TARGET}:parcel`],
    home,
  );
  expect(status === 0, `scp ended with ${status ?? "a signal"}: ${stderr}`);
  const arrived = readFileSync(join(files.homes, "demo", "parcel"));
  expect(arrived.equals(content), "the file did not arrive as it was");
  report.seen(`${content.length} bytes arrived as they were`);
}

async function beCut({ report }: Tour, terminal: DrivenTerminal, { id, untilMs }: GivenGrant): Promise<void> {
  await terminal.shows(`left of grant ${id}`, untilMs - Date.now());
  report.seen(lineWith(terminal.text, `left of grant ${id}`));
  await terminal.ended(untilMs - Date.now() + LATE_MS);
  const lateMs = Date.now() - untilMs;
  expect(lateMs >= 0, `the session ended ${-lateMs} ms before its grant`);
  expect(
    terminal.text.includes("closed: grant"),
    `the cut gave no reason on the terminal:\n${terminal.text}`,
  );
  report.seen(lineWith(terminal.text, "closed: grant"));
  report.seen(`seen ${lateMs} ms after the grant's end`);
}

async function findSession({ report, home }: Tour): Promise<string> {
  report.typed("bascule sessions");
  await recordingsAreClosed(home);
  const { json, text } = await askRunning("sessions", {}, { home });
  report.seen(text);
  const list = json as readonly { session: string; cut?: { reason: string } }[];
  const cut = list.find((session) => session.cut?.reason === "grant-ended");
  expect(cut !== undefined, "no session in the list was cut because its grant ended");
  return cut.session;
}

/** The client is let go first; the recording is closed a moment later. */
async function recordingsAreClosed(home: string): Promise<void> {
  for (const endMs = performance.now() + LATE_MS; performance.now() < endMs;) {
    const { json } = await askRunning("sessions", { live: [""] }, { home });
    if ((json as readonly unknown[]).length === 0) return;
    await sleep(20);
  }
}

async function replay({ report, home }: Tour, session: string, mark: string): Promise<void> {
  report.typed(`bascule replay ${session}`);
  const { status, stdout, stderr } = await runBascule(["--home", home, "replay", session], home);
  expect(status === 0, `replay ended with ${status ?? "a signal"}: ${stderr}`);
  expect(stdout.includes(mark), `the replay does not show ${mark}:\n${stdout}`);
  report.seen(lineWith(stdout, mark));
}

async function beRefused({ report, files, home }: Tour): Promise<void> {
  report.typed(`ssh -J bastion demo@${DEMO_TARGET}`);
  const { status, stderr } = await runProgram(
    "ssh",
    ["-F", files.sshConfigs.alice, DEMO_TARGET, "true"],
    home,
  );
  expect(status === 255, `ssh ended with ${status ?? "a signal"} after the grant's end`);
  expect(/ssh \S+ request /u.test(stderr), `the refusal does not say what would help:\n${stderr}`);
  report.seen(lineWith(stderr, "bascule:"));
}

async function verify({ report, home }: Tour): Promise<void> {
  report.typed("bascule verify");
  const { text, exit } = await askRunning("verify", {}, { home });
  expect(exit === EXIT.done, text);
  report.seen(text);
}

async function proveFiles({ report, home }: Tour): Promise<void> {
  report.typed("bascule verify .");
  const { status, stdout, stderr } = await runBascule(["verify", home], home);
  expect(status === 0, stdout + stderr);
  report.seen(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** The line with that part in it, without what a terminal would act on; ours from where it begins. */
function lineWith(text: string, part: string): string {
  const lines = text.replace(/\u001b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[78])/gu, "").split(/\r?\n|\r/u);
  const line = lines.find((one) => one.includes(part)) ?? part;
  return line.slice(Math.max(0, line.indexOf("bascule:")));
}
