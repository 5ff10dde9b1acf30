import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  openRecording,
  RecordingError,
  verifyRecording,
  type AuditorPrivateKey,
} from "../../recording/index.js";
import { EXIT } from "../../commands/index.js";
import { counted } from "../../wording/index.js";
import { CliError } from "../cli-error.js";

/** What one recording proves by itself. */
export interface CheckedRecording {
  readonly path: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Checks a recording, or all below a folder, without a ledger: their form and, with keys, every seal. Throws CliError. */
export async function checkRecordings(
  path: string,
  keys: readonly AuditorPrivateKey[] | undefined,
): Promise<readonly CheckedRecording[]> {
  const checked: CheckedRecording[] = [];
  const files = recordingsBelow(path);
  if (files.length === 0)
    throw new CliError(EXIT.notFound, `there is neither a ledger nor a recording in ${path}`);
  for (const file of files) checked.push(await checkAlone(file, keys));
  return checked;
}

function recordingsBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".bsr"))
    .sort()
    .map((name) => join(path, name));
}

/** What a recording proves by itself. Its name is part of it where it is a session's. */
async function checkAlone(
  path: string,
  keys: readonly AuditorPrivateKey[] | undefined,
): Promise<CheckedRecording> {
  try {
    const { blocks, bytes, state, header, tornBytes } = await verifyRecording(path);
    const named = basename(path, ".bsr");
    if (named.startsWith("ses-") && named !== header.session)
      return { path, ok: false, detail: `other-session: it is the recording of ${header.session}` };
    if (keys !== undefined) await openSeals(path, keys);
    const torn = tornBytes > 0 ? `, ${counted(tornBytes, "byte")} of an unfinished block` : "";
    const end = state === "ended" ? "" : ", without an end";
    return {
      path,
      ok: true,
      detail: `${header.session}, ${counted(blocks, "block")}, ${counted(bytes, "byte")}${end}${torn}`,
    };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { path, ok: false, detail: `${error.code}: ${error.message}` };
  }
}

/** Every seal is bound to all that stands before it, so that a changed byte anywhere keeps one from opening. */
async function openSeals(path: string, keys: readonly AuditorPrivateKey[]): Promise<void> {
  const reader = await openRecording(path, keys);
  try {
    const frames = reader.frames();
    while ((await frames.next()).done !== true);
  } finally {
    await reader.close();
  }
}
