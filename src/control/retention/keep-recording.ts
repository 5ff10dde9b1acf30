import { dirname, join } from "node:path";
import { mayArchive, mayDelete, type SessionId, type SessionState } from "../../access/index.js";
import type { Config } from "../../config/index.js";
import { EDIT_SUFFIX, RecordingError, substituteFaults, verifyRecording } from "../../recording/index.js";
import type { Clocks } from "../clocks.js";
import type { Keeper } from "../keeper.js";
import { placeAtHand, placeInArchive, recordingPath } from "../recordings/recording-path.js";
import type { Turns } from "../turns.js";
import type { RecordingFiles } from "./recording-files.js";

export interface KeepingContext {
  readonly keeper: Pick<Keeper, "state" | "record">;
  readonly clocks: Clocks;
  readonly config: () => Config;
  readonly files: RecordingFiles;
  /** Whoever changes or moves a recording waits for who did it before. */
  readonly recordingTurns: Turns<SessionId>;
  /** A hold that is being set comes before or after a deletion, never into it. */
  readonly holdTurns: Turns<"hold">;
}

/** Of a copy that is not whole yet. */
const PART_SUFFIX = ".part";

/** What became of a recording whose time had come; `absent`: nothing was ever recorded. */
export type Kept = "done" | "not-due" | "absent" | { readonly fault: string };

/**
 * Moves a recording to the archive: a copy, on the disk and found to be the same, with the head that the ledger has; then the
 * entry; then the original goes. A crash before the entry leaves a copy that the next time overwrites, one after it an original
 * that `settleRecording` removes.
 */
export function archiveRecording(context: KeepingContext, id: SessionId): Promise<Kept> {
  return context.recordingTurns.take(id, async () => {
    const { keeper, clocks, config, files } = context;
    const { archive } = config();
    const session = keeper.state.sessions.get(id);
    if (archive === undefined || session === undefined || !mayArchive(session, clocks.wallMs()))
      return "not-due";
    const from = placeAtHand(config(), session);
    if (await files.exists(from + EDIT_SUFFIX)) return { fault: `a change of ${from} is not finished yet` };
    const fault = await faultOf(context, session, from);
    if (fault !== undefined) return fault;
    const to = join(archive, session.recording);
    if (await files.isOneFolder(dirname(from), dirname(to)))
      return { fault: `${dirname(to)} is the folder of the recordings themselves, under another name` };
    if (!(await copyWhole(files, from, to)))
      return { fault: `the copy in ${archive} is not what was written` };
    await keeper.record({ type: "recording.archived", session: id, path: session.recording });
    await files.remove(from);
    return "done";
  });
}

/**
 * Deletes a recording: the entry with its hash first, then the file. A recording that is not what the ledger says is not
 * deleted: the entry would explain away what somebody did to it.
 */
export function deleteRecording(context: KeepingContext, id: SessionId): Promise<Kept> {
  return context.recordingTurns.take(id, async () => {
    const { keeper, config, clocks } = context;
    const session = keeper.state.sessions.get(id);
    if (session === undefined || !mayDelete(keeper.state, session, clocks.wallMs()).ok) return "not-due";
    const place = recordingPath(config(), session);
    const fault = await faultOf(context, session, place);
    if (fault !== undefined) return fault;
    const { hash } = session.head ?? (await verifyRecording(place));
    const isWritten = await context.holdTurns.take("hold", async () => {
      const now = keeper.state.sessions.get(id);
      if (now === undefined || !mayDelete(keeper.state, now, clocks.wallMs()).ok) return false;
      await keeper.record({ type: "recording.deleted", session: id, hash });
      return true;
    });
    if (!isWritten) return "not-due";
    await removeAll(context, session);
    return "done";
  });
}

/** Finishes what a crash came between: removes what the ledger says is deleted, or has its whole copy in the archive. */
export function settleRecording(context: KeepingContext, id: SessionId): Promise<Kept> {
  return context.recordingTurns.take(id, async () => {
    const { keeper, config, files } = context;
    const session = keeper.state.sessions.get(id);
    if (session?.deleted !== undefined) {
      await removeAll(context, session);
      return "done";
    }
    if (session?.archived === undefined) return "not-due";
    const [atHand, inArchive] = [placeAtHand(config(), session), placeInArchive(config(), session)];
    if (inArchive === undefined || !(await files.exists(atHand))) return "not-due";
    if (await files.isOneFolder(dirname(atHand), dirname(inArchive))) return "not-due"; // both are the only one
    const fault = await faultOf(context, session, inArchive);
    if (fault !== undefined) return fault === "absent" ? { fault: `${inArchive} is missing` } : fault;
    await files.remove(atHand);
    return "done";
  });
}

/** Makes a copy that is what was read, or none: half a one on a full disk would only take up room. */
async function copyWhole(files: RecordingFiles, from: string, to: string): Promise<boolean> {
  const part = to + PART_SUFFIX;
  let isWhole = false;
  try {
    isWhole = (await files.copy(from, part)) === (await files.hash(part));
    if (isWhole) await files.rename(part, to);
    return isWhole;
  } finally {
    if (!isWhole) await files.remove(part).catch(() => undefined); // the next try overwrites it
  }
}

/** Also what a crash may have left of a move or of an edit. */
async function removeAll({ config, files }: KeepingContext, session: SessionState): Promise<void> {
  const { archive } = config();
  const moved =
    archive === undefined ? [] : [join(archive, session.recording), recordingPath(config(), session)];
  for (const path of new Set([placeAtHand(config(), session), ...moved]))
    for (const suffix of ["", PART_SUFFIX, EDIT_SUFFIX]) await files.remove(path + suffix);
}

/** What is wrong with the recording at `path`, by all that the ledger says of it. */
async function faultOf(
  { files }: KeepingContext,
  session: SessionState,
  path: string,
): Promise<"absent" | { readonly fault: string } | undefined> {
  const { head } = session;
  if (head === undefined && !(await files.exists(path))) return "absent";
  if (await files.isLink(path))
    return { fault: `${path} is a link: what it leads to would stay where it is` };
  try {
    const { header, bytes, substitutes } = await verifyRecording(path, head === undefined ? [] : [head]);
    if (header.session !== session.session) return { fault: `${path} is the recording of ${header.session}` };
    if (head !== undefined && bytes > head.bytes)
      return { fault: `${path} is longer than the ledger says by ${bytes - head.bytes} bytes` };
    const [changed] = substituteFaults(substitutes, session);
    return changed && { fault: `${path}: block ${changed.block}: ${changed.detail}` };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { fault: `${path}: ${error.message}` };
  }
}
