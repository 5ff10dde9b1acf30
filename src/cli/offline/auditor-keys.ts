import { existsSync, readFileSync } from "node:fs";
import { checkSecretFile } from "../../home/index.js";
import { EXIT } from "../../commands/index.js";
import { parseAuditorPrivateKey, type AuditorPrivateKey } from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import { findHome, type HomeHints } from "../find-home.js";

/** The key to open recordings with: `--key FILE`, else the one that `init` left in the home. Throws CliError. */
export async function auditorKeys(
  file: string | undefined,
  hints: HomeHints,
): Promise<readonly AuditorPrivateKey[]> {
  const path = file ?? (await findHome(hints)).auditorKey;
  if (file !== undefined && !existsSync(file)) throw new CliError(EXIT.notFound, `there is no file ${file}`);
  if (!existsSync(path))
    throw new CliError(EXIT.notPermitted, `no auditor's key ${path}`, "recordings open with one: --key FILE");
  return [readAuditorKey(path)];
}

/** An auditor's private key out of a file that only its owner may read. Throws CliError, ControlError, RecordingError. */
export function readAuditorKey(path: string): AuditorPrivateKey {
  checkSecretFile(path);
  return parseAuditorPrivateKey(readFileSync(path, "utf8"));
}
