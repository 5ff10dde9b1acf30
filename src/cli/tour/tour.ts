import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EXIT } from "../../commands/index.js";
import { askRunning } from "../run-shared.js";
import { startServing, type ServingBastion } from "../serve/serve.js";
import { DEMO_TARGET, demoFiles, writeSshConfigs } from "../start/demo-files.js";
import { openDemoHome } from "../start/demo-home.js";
import { approveSigned, ask, askAndWait, extend, fetchCertificate } from "./access-steps.js";
import { findSession, proveFiles, replay, verify } from "./proof-steps.js";
import { Report, TourError } from "./report.js";
import {
  beCut,
  beRefused,
  beRevoked,
  beWarned,
  copyFile,
  outliveFirstEnd,
  typeAway,
} from "./session-steps.js";
import { Stage } from "./stage.js";

/** Long enough to be slow in, short enough to wait for. */
const GRANT_SPAN = "20s";
/** What alice gives herself on top of it. */
const EXTENSION_SPAN = "10s";
/** The grant's end is warned of this long before. */
const NOTICE = "8s";
const SECOND_SPAN = "5m";

/**
 * The whole way without hands, with the system's own `ssh`: asked, approved by a signature, certified, used, extended, cut,
 * revoked, replayed, proven. Gives 0 only if all of it happened. With `keep` what it made stays there.
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
  const stage = new Stage(report, home, demoFiles(paths));
  try {
    const bastion = await report.step("The bastion starts, and a target beside it", () =>
      startServing(configPath),
    );
    try {
      await openTheWay(stage, bastion);
      const { session, mark } = await visit(stage);
      await visitAgain(stage);
      await report.step("An auditor replays what the terminal showed", () => replay(stage, session, mark));
      await report.step("A new attempt is refused, with what would help", () => beRefused(stage));
      await report.step("Ledger and recordings are checked", () => verify(stage));
    } finally {
      await bastion.supervisor.stop();
    }
    await report.step(
      "The bastion is stopped; a copy of its files proves itself, and shows who touched it",
      () => proveFiles(stage),
    );
  } finally {
    await target?.close();
  }
}

/** What a client needs to know of the bastion, once. */
async function openTheWay({ report, files, home }: Stage, { listen }: ServingBastion): Promise<void> {
  report.seen(`listening on ${listen.host}:${listen.port}`);
  const { json } = await askRunning("ca show", {}, { home });
  writeSshConfigs(files, listen.port, (json as { knownHosts: string }).knownHosts);
}

/** The first visit: to the end of its grant, and of the extension. */
async function visit(stage: Stage): Promise<{ session: string; mark: string }> {
  const { report } = stage;
  const request = await report.step(`alice asks for ${GRANT_SPAN} on ${DEMO_TARGET}`, () =>
    ask(stage, GRANT_SPAN),
  );
  await report.step("bob approves: his own ssh signs for exactly this request", () =>
    approveSigned(stage, "bob", request),
  );
  const grant = await report.step("alice fetches her certificate", () => fetchCertificate(stage));
  report.title("alice jumps there, and types");
  const terminal = stage.terminal("alice", ["-J", "bastion", `demo@${DEMO_TARGET}`]);
  try {
    const mark = await typeAway(stage, terminal);
    await report.step("She copies a file", () => copyFile(stage));
    await report.step("The end comes near: she is warned, and extends", () =>
      beWarned(stage, terminal, grant),
    );
    const longer = await extend(stage, grant, EXTENSION_SPAN);
    await outliveFirstEnd(stage, terminal, grant);
    await report.step("The new end comes: the session is cut", () => beCut(stage, terminal, longer));
    const session = await report.step("bob finds the session in the list", () => findSession(stage));
    return { session, mark };
  } finally {
    terminal.close();
  }
}

/** The second visit: to a revocation in the middle of it. */
async function visitAgain(stage: Stage): Promise<void> {
  const { report } = stage;
  await report.step("alice asks again and waits; carol approves; the certificate comes back", () =>
    askAndWait(stage, SECOND_SPAN),
  );
  const { id } = await fetchCertificate(stage);
  const terminal = stage.terminal("alice", [DEMO_TARGET]);
  try {
    await typeAway(stage, terminal);
    await report.step("bob revokes the grant while she is at work", () => beRevoked(stage, terminal, id));
  } finally {
    terminal.close();
  }
}
