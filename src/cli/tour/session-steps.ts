import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DEMO_TARGET } from "../start/demo-files.js";
import type { TourGrant } from "./access-steps.js";
import type { DrivenTerminal } from "./driven-terminal.js";
import { runProgram } from "./program-run.js";
import { expect } from "./report.js";
import { lineWith, type Stage } from "./stage.js";

/** How late the cut may be seen here: the clocks of this machine, and a process that has to end. */
export const LATE_MS = 2000;
/** A session ends by the wall clock or the monotonic one, whichever is first; the two drift apart while the wall clock is set. */
const EARLY_MS = 100;

/** Gives what the terminal must have shown: computed there, so that an echo of the typing is not taken for it. */
export async function typeAway({ report }: Stage, terminal: DrivenTerminal): Promise<string> {
  await terminal.shows("$ ", 10_000);
  const mark = randomBytes(4).toString("hex");
  const line = `printf '%s-%s\\n' ${mark} "$((6 * 7))"`;
  report.typed("alice", line);
  await terminal.type(line);
  await terminal.shows(`${mark}-42`, 5000);
  report.seen(`${mark}-42`);
  return `${mark}-42`;
}

export async function copyFile({ report, files, home }: Stage): Promise<void> {
  const content = randomBytes(256 * 1024);
  writeFileSync(join(home, "parcel"), content);
  report.typed("alice", `scp parcel ${DEMO_TARGET}:`);
  const words = ["-F", files.sshConfigs.alice, "parcel", `${DEMO_TARGET}:parcel`];
  const { status, stderr } = await runProgram("scp", words, home);
  expect(status === 0, `scp ended with ${status ?? "a signal"}: ${stderr}`);
  const arrived = readFileSync(join(files.homes, "demo", "parcel"));
  expect(arrived.equals(content), "the file did not arrive as it was");
  report.seen(`${content.length} bytes arrived as they were`);
}

/** The warning comes, and says how to stay longer. */
export async function beWarned({ report }: Stage, terminal: DrivenTerminal, grant: TourGrant): Promise<void> {
  await terminal.shows(`left of grant ${grant.id}`, grant.untilMs - Date.now());
  report.seen(lineWith(terminal.text, `left of grant ${grant.id}`));
  expect(terminal.text.includes(`extend ${grant.id}`), "the warning does not say how to stay longer");
}

/** Past the end that the grant had at first, the terminal is still there. */
export async function outliveFirstEnd(
  stage: Stage,
  terminal: DrivenTerminal,
  first: TourGrant,
): Promise<void> {
  await sleep(Math.max(0, first.untilMs + 500 - Date.now()));
  await typeAway(stage, terminal);
  stage.report.seen(`after the end that ${first.id} had at first, without a reconnect`);
}

export async function beCut({ report }: Stage, terminal: DrivenTerminal, grant: TourGrant): Promise<void> {
  await terminal.ended(grant.untilMs - Date.now() + LATE_MS);
  const lateMs = Date.now() - grant.untilMs;
  expect(lateMs >= -EARLY_MS, `the session ended ${-lateMs} ms before its grant`);
  expect(
    terminal.text.includes("closed: grant"),
    `the cut gave no reason on the terminal:\n${terminal.text}`,
  );
  report.seen(lineWith(terminal.text, "closed: grant"));
  report.seen(lateMs < 0 ? "seen at the grant's end" : `seen ${lateMs} ms after the grant's end`);
}

/** Bob takes the grant back while alice is at work. */
export async function beRevoked(stage: Stage, terminal: DrivenTerminal, grant: string): Promise<void> {
  const why = "the replica is back";
  const revoked = await stage.done("bob", ["bastion", "revoke", grant, "--reason", why]);
  stage.report.seen(revoked.stdout + revoked.stderr);
  await terminal.ended(LATE_MS);
  expect(terminal.text.includes(why), `the cut gave no reason on the terminal:\n${terminal.text}`);
  stage.report.seen(lineWith(terminal.text, why));
}

export async function beRefused(stage: Stage): Promise<void> {
  const { status, stderr } = await stage.ssh(
    "alice",
    [DEMO_TARGET, "true"],
    `-J bastion demo@${DEMO_TARGET}`,
  );
  expect(status === 255, `ssh ended with ${status ?? "a signal"} after the grant's end`);
  expect(stderr.includes("ssh bastion request"), `the refusal does not say what would help:\n${stderr}`);
  stage.report.seen(lineWith(stderr, "bascule:"));
}
