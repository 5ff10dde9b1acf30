import { existsSync } from "node:fs";
import { ControlUnreachable, EXIT, type RecordingPlace } from "../../commands/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { askRunning } from "../run-shared.js";

export interface FoundRecording {
  readonly path: string;
  /** Known only when the bastion was asked. */
  readonly isLive: boolean;
}

/**
 * A file is read as it is, without a bastion. A session id is asked for: the bastion writes into its ledger that it is
 * about to be read, and says where it lies.
 */
export async function findRecording(
  what: string,
  how: "replay" | "export" | "watch",
  hints: HomeHints,
): Promise<FoundRecording> {
  if (existsSync(what)) return { path: what, isLive: false };
  if (what.includes("/") || what.endsWith(".bsr"))
    throw new CliError(EXIT.notFound, `there is no file ${what}`, "see the sessions with: bascule sessions");
  const { json } = await askRunning(how, { session: [what] }, hints).catch(pointToFile);
  const { path, isLive } = json as RecordingPlace; // our own bastion's word
  return { path, isLive };
}

function pointToFile(error: unknown): never {
  if (!(error instanceof ControlUnreachable)) throw error;
  throw new CliError(
    EXIT.tryLater,
    `no bastion answers: ${error.message}`,
    "start it, or name the file itself: RECORDINGS/YYYY-MM-DD/ses-….bsr",
  );
}
