import { join } from "node:path";
import type { SessionState } from "../../access/index.js";
import type { Config } from "../../config/index.js";

type Folders = Pick<Config, "recordings" | "archive">;
type Recorded = Pick<SessionState, "recording" | "archived">;

/** Where a session's recording lies: at hand, or in the archive. */
export function recordingPath(folders: Folders, session: Recorded): string {
  return placeInArchive(folders, session) ?? placeAtHand(folders, session);
}

/** Where it lies, or lay, while it is at hand. */
export function placeAtHand({ recordings }: Folders, { recording }: Recorded): string {
  return join(recordings, recording);
}

/** Where it lies, or lay, in the archive; undefined while it is at hand, or no archive is known any more. */
export function placeInArchive({ archive }: Folders, { archived }: Recorded): string | undefined {
  return archive === undefined || archived === undefined ? undefined : join(archive, archived.path);
}
