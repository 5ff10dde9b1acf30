import { setTimeout as sleep } from "node:timers/promises";
import { EXIT } from "../../commands/index.js";
import { askRunning } from "../run-shared.js";
import { runBascule } from "./program-run.js";
import { expect } from "./report.js";
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

export async function verify({ report, home }: Stage): Promise<void> {
  report.typed("auditor", "bascule verify");
  const { text, exit } = await askRunning("verify", {}, { home });
  expect(exit === EXIT.done, text);
  report.seen(text);
}

export async function proveFiles({ report, home }: Stage): Promise<void> {
  report.typed("auditor", "bascule verify .");
  const { status, stdout, stderr } = await runBascule(["verify", home], home);
  expect(status === 0, stdout + stderr);
  report.seen(stdout.trimEnd().split("\n").at(-1) ?? "");
}
