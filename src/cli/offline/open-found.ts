import { existsSync } from "node:fs";
import { EXIT } from "../../commands/index.js";
import { openRecording, type RecordingReader } from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { auditorKeys, readAuditorKey } from "./auditor-keys.js";
import { findRecording } from "./find-recording.js";

/** Files of auditors' private keys. */
export interface KeyFiles {
  readonly key?: string | undefined;
  /** Of what was typed unseen; without it that is dots. */
  readonly apartKey?: string | undefined;
}

/**
 * Finds a session or a file and opens it. What was typed unseen is opened in a file only: on the bastion it takes an
 * unsealer, and an entry. Throws CliError.
 */
export async function openFound(
  what: string,
  how: "replay" | "export" | "watch",
  { key, apartKey }: KeyFiles,
  hints: HomeHints,
): Promise<{ readonly reader: RecordingReader; readonly isLive: boolean }> {
  if (apartKey !== undefined && !existsSync(what))
    throw new CliError(
      EXIT.usage,
      "--apart-key is for a file: what was typed unseen is not shown by a session's id alone",
      `once an unsealer has let you, give the file: ssh BASTION export ${what} > ${what}.bsr`,
    );
  const apart = apartKey === undefined ? undefined : [readAuditorKey(apartKey)];
  const { path, isLive } = await findRecording(what, how, hints);
  return { reader: await openRecording(path, await auditorKeys(key, hints), apart), isLive };
}
