import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../../commands/index.js";
import { askRunning } from "../run-shared.js";
import { runBascule } from "./program-run.js";
import { expect, type Report } from "./report.js";
import { LATE_MS } from "./session-steps.js";
import { lineWith, type Stage } from "./stage.js";

/** The session that lasted to its grant's end. */
export async function findSession(stage: Stage): Promise<string> {
  await recordingsAreClosed(stage.home);
  const { stdout } = await stage.done("bob", ["bastion", "sessions"]);
  stage.report.seen(stdout);
  const { json } = await askRunning("sessions", {}, { home: stage.home });
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

export async function replay({ report, home }: Stage, session: string, mark: string): Promise<void> {
  report.typed("auditor", `bascule replay ${session}`);
  const { status, stdout, stderr } = await runBascule(["--home", home, "replay", session], home);
  expect(status === 0, `replay ended with ${status ?? "a signal"}: ${stderr}`);
  expect(stdout.includes(mark), `the replay does not show ${mark}:\n${stdout}`);
  report.seen(lineWith(stdout, mark));
}

/** Bob is an auditor: the running bastion checks itself for him. */
export async function verify(stage: Stage): Promise<void> {
  const { stdout } = await stage.done("bob", ["bastion", "verify"]);
  stage.report.seen(stdout);
}

/** The files of a home, copied to where no bastion is: there they prove themselves, until somebody touches them. */
export async function proveFiles({ report, home }: Stage): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), "bascule-copy-"));
  try {
    report.typed("auditor", "cp -r ledger recordings copy/ && bascule verify copy");
    for (const folder of ["ledger", "recordings"])
      cpSync(join(home, folder), join(copy, folder), { recursive: true });
    const { status, stdout, stderr } = await runBascule(["verify", copy], home);
    expect(status === 0, stdout + stderr);
    report.seen(stdout);
    await findsTampering(report, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Somebody with every permission on the machine, but without the log's key, and what comes of it. */
async function findsTampering(report: Report, copy: string): Promise<void> {
  const recording = largestBelow(copy, "recordings");
  const entries = largestBelow(copy, join("ledger", "tile", "entries"));
  const deeds: Readonly<Record<string, () => void>> = {
    [`changes one bit in ${recording}`]: () => changeBit(join(copy, recording)),
    [`changes one bit in ${entries}`]: () => changeBit(join(copy, entries)),
    [`removes ${recording}`]: () => rmSync(join(copy, recording)),
  };
  for (const [deed, act] of Object.entries(deeds)) {
    const kept = [recording, entries].map(
      (path) => [join(copy, path), readFileSync(join(copy, path))] as const,
    );
    act();
    report.seen(`root ${deed}:`);
    const { status, stdout } = await runBascule(["verify", copy], copy);
    const path = deed.slice(deed.lastIndexOf(" ") + 1);
    expect(status === EXIT.verificationFailed, `verify ended with ${status ?? "a signal"}:\n${stdout}`);
    expect(stdout.includes(`WRONG  ${path} `), `verify does not name ${path}:\n${stdout}`);
    report.seen(`  ${lineWith(stdout, "WRONG")}  (exit ${status})`);
    for (const [file, bytes] of kept) writeFileSync(file, bytes);
  }
}

function largestBelow(root: string, folder: string): string {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const [largest] = files.sort((one, other) => statSync(other).size - statSync(one).size);
  expect(largest !== undefined, `there is nothing in ${folder}`);
  return relative(root, largest);
}

function changeBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length >> 1;
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
}
