import { cleanText } from "../../access/index.js";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { linesText } from "../../wording/index.js";
import { EXIT } from "../../commands/index.js";
import {
  verifyEvidence,
  type EvidenceProgress,
  type EvidenceReport,
  evidenceJson,
  evidenceText,
} from "../../evidence/index.js";
import type { AuditorPrivateKey } from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import { findHome, type HomeHints } from "../find-home.js";
import { printJson, printNote, printResult } from "../print.js";
import { auditorKeys } from "./auditor-keys.js";
import {
  evidenceAt,
  evidenceIn,
  hasLedger,
  isAddress,
  olderCheckpoints,
  verifierKeys,
  type EvidencePlaces,
  type FoundEvidence,
} from "./find-evidence.js";
import { checkRecordings, type CheckedRecording } from "./verify-recordings.js";

/** What was asked for on the command line. */
export interface VerifyWish extends EvidencePlaces {
  readonly json?: boolean;
  readonly key?: readonly string[];
  readonly verifier?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly token?: string;
}

/** A recording is on the disk up to a second before the checkpoint that speaks of its session. */
const SETTLE_MS = 5000;
/** Names and details come out of files that nothing vouches for; a line of them is no longer. */
const LINE_CHARS_MAX = 600;
/** How often progress is shown. */
const SHOW_EVERY_MS = 200;

/**
 * Verifies homes, addresses and recordings from their files alone; without any, the home that other commands would take. Gives
 * the exit status. Throws CliError.
 */
export async function verifyCommand(
  whats: readonly string[],
  wish: VerifyWish,
  hints: HomeHints,
): Promise<number> {
  if (wish.key !== undefined && whats.some(isAddress))
    throw new CliError(EXIT.usage, "--key opens seals of files: copy the recordings, then verify the copy");
  const { since, until } = wish;
  if (since !== undefined && until !== undefined && since >= until)
    throw new CliError(EXIT.usage, "--since is not before --until, so no recording would be checked");
  const keys = wish.key && (await Promise.all(wish.key.map((file) => auditorKeys(file, {})))).flat();
  const evidence: EvidenceReport[] = [];
  const recordings: CheckedRecording[] = [];
  for (const what of whats.length > 0 ? whats : [(await findHome(hints)).home]) {
    const found = await find(what, wish, whats.length === 0);
    if (found === undefined) recordings.push(...(await checkRecordings(what, keys)));
    else evidence.push(await verifyOne(found, wish, keys ?? []));
  }
  const alone = recordings.length === 0 ? [] : [...recordings];
  if (alone.length > 0 && keys === undefined)
    printNote(
      "without its ledger or --key, a recording is checked for its form: not every changed byte is seen",
    );
  await print(evidence, alone, wish.json === true);
  return exitOf(evidence, alone);
}

async function find(what: string, wish: VerifyWish, isHome: boolean): Promise<FoundEvidence | undefined> {
  if (isAddress(what)) return evidenceAt(what, wish.token);
  if (!existsSync(what))
    throw new CliError(
      EXIT.notFound,
      `there is no ${what}`,
      "say a home, a copy of one, its address, or a recording's file",
    );
  if (isHome || hasLedger(what)) return evidenceIn(what, wish);
  const below = join(what, "recordings");
  // a home whose ledger somebody took away must not pass as a folder of recordings
  if (existsSync(below))
    throw new CliError(
      EXIT.verificationFailed,
      `there is no ledger in ${what}: nothing says which recordings there must be, and what is in them`,
      `their form alone: bascule verify ${below}`,
    );
  return undefined;
}

async function verifyOne(
  { source, isInUse }: FoundEvidence,
  { verifier = [], checkpoint = [], since, until }: VerifyWish,
  keys: readonly AuditorPrivateKey[],
): Promise<EvidenceReport> {
  const progress = new ProgressLine();
  try {
    const report = await verifyEvidence(source, {
      ...{ verifiers: verifierKeys(verifier), olderCheckpoints: olderCheckpoints(checkpoint) },
      ...{ auditorKeys: keys, settleMs: isInUse ? SETTLE_MS : 0 },
      ...(since !== undefined && { sinceMs: since }),
      ...(until !== undefined && { untilMs: until }),
      onProgress: (at) => progress.show(at),
    });
    progress.clear();
    for (const line of report.notes) printNote(cleanText(line, LINE_CHARS_MAX));
    if (!report.isKeyGiven && report.checkpoint !== undefined)
      printNote(
        "the log's key came with it: give yours with --verifier, or this proves nothing against who could replace both",
      );
    return report;
  } finally {
    progress.clear();
  }
}

async function print(
  evidence: readonly EvidenceReport[],
  recordings: readonly CheckedRecording[],
  json: boolean,
): Promise<void> {
  const isOk = evidence.every(({ faults }) => faults.length === 0) && recordings.every(({ ok }) => ok);
  if (json) {
    const [only, ...others] = evidence.map(evidenceJson);
    const isOne = only !== undefined && others.length === 0 && recordings.length === 0;
    await printJson(isOne ? only : { ok: isOk, evidence: evidence.map(evidenceJson), recordings });
    return;
  }
  for (const report of evidence) await printResult(evidenceText(report));
  if (recordings.length === 0 && evidence.length > 0) return;
  const faults = recordings.filter(({ ok }) => !ok).length;
  const lines = recordings.map(({ path, ok, detail }) =>
    cleanText(`${ok ? "ok" : "WRONG"}  ${path}  ${detail}`, LINE_CHARS_MAX),
  );
  await printResult(linesText([...lines, `${recordings.length} checked, ${faults} at fault`]));
}

function exitOf(evidence: readonly EvidenceReport[], recordings: readonly CheckedRecording[]): number {
  const faults = recordings.filter(({ ok }) => !ok);
  if (evidence.some((report) => report.faults.length > 0)) return EXIT.verificationFailed;
  if (faults.length === 0) return EXIT.done;
  const isLockedOut = faults.every(({ detail }) => detail.startsWith("key-not-for-us"));
  return isLockedOut ? EXIT.notPermitted : EXIT.verificationFailed;
}

/** One line on a terminal that says how far it is; nothing anywhere else. */
class ProgressLine {
  #shownAtMs = 0;
  #isShown = false;

  show({ entries, size, recordings }: EvidenceProgress): void {
    const nowMs = performance.now();
    if (!process.stderr.isTTY || nowMs - this.#shownAtMs < SHOW_EVERY_MS) return;
    this.#shownAtMs = nowMs;
    this.#isShown = true;
    process.stderr.write(`\r\u001b[K${entries} of ${size} entries, ${recordings} recordings`);
  }

  clear(): void {
    if (this.#isShown) process.stderr.write("\r\u001b[K");
    this.#isShown = false;
  }
}
