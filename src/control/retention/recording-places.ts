import { join } from "node:path";
import type { SessionState } from "../../access/index.js";
import type { Config } from "../../config/index.js";

type Folders = Pick<Config, "recordings" | "archive">;

/** Where a recording lies that is at hand. */
export function placeAtHand({ recordings }: Folders, { recording }: SessionState): string {
  return join(recordings, recording);
}

/** Where a recording lies, or lay, in the archive; undefined while it is at hand, or no archive is known any more. */
export function placeInArchive({ archive }: Folders, { archived }: SessionState): string | undefined {
  return archive === undefined || archived === undefined ? undefined : join(archive, archived.path);
}
