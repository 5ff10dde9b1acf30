import { join } from "node:path";
import type { SessionState } from "../../access/index.js";
import type { Config } from "../../config/index.js";

/** Where a session's recording lies: at hand, or in the archive. */
export function recordingPath(
  { recordings, archive }: Pick<Config, "recordings" | "archive">,
  { recording, archived }: Pick<SessionState, "recording" | "archived">,
): string {
  if (archived !== undefined && archive !== undefined) return join(archive, archived.path);
  return join(recordings, recording);
}
