import { existsSync } from "node:fs";
import type { SessionState } from "../access/index.js";
import { RecordingError, verifyRecording } from "../recording/index.js";

/** What is wrong with a session's recording. */
export interface Fault {
  readonly session: string;
  readonly path: string;
  /** A RecordingErrorCode, or `other-session`. */
  readonly code: string;
  readonly detail: string;
}

/**
 * Checks the recording at `path` against what the ledger says of its session: that it is there, whole, this session's,
 * and that its chain goes through the last head that was promised. A session whose proxy died before it made the file
 * has no head, and nothing crossed.
 */
export async function checkSession(
  path: string,
  { session, head }: Pick<SessionState, "session" | "head">,
): Promise<Fault | "nothing-recorded" | undefined> {
  if (head === undefined && !existsSync(path)) return "nothing-recorded";
  try {
    const { header } = await verifyRecording(path, head === undefined ? [] : [head]);
    if (header.session === session) return undefined;
    return { session, path, code: "other-session", detail: `it is the recording of ${header.session}` };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const detail = existsSync(path) ? error.message : "the recording is missing";
    return { session, path, code: error.code, detail };
  }
}
