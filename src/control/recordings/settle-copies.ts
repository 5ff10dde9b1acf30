import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SessionState } from "../../access/index.js";
import {
  EDIT_SUFFIX,
  preparedAgain,
  RecordingError,
  substituteFaults,
  verifyRecording,
  type EditFiles,
} from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import { finishEdit, type RecordingPlaces } from "./finish-edit.js";

/** Copies that a crash left beside recordings below a folder, each as a path; a folder that is not there has none. */
export async function leftCopies(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(`.bsr${EDIT_SUFFIX}`)).map((name) => join(folder, name));
}

/** Removes a copy that nothing stands for. */
export async function dropCopy(copy: string, files: EditFiles): Promise<void> {
  await files.remove(copy);
  await files.syncFolder(dirname(copy));
}

/**
 * What becomes of a copy that was left: it takes the recording's place when it is what the ledger says the recording is now, and
 * else is removed. Nothing without one. The caller holds the session's turn.
 */
export async function settleCopy(
  context: DecisionContext,
  places: RecordingPlaces,
  session: SessionState,
): Promise<string | undefined> {
  const path = places.pathOf(session);
  const copy = path + EDIT_SUFFIX;
  const isWanted = session.deleted === undefined && (await isAllowed(copy, session));
  const prepared = isWanted ? await preparedAgain(path) : undefined;
  if (prepared === undefined) {
    await dropCopy(copy, places.files);
    return undefined;
  }
  return finishEdit(context, places, { session: session.session, prepared });
}

async function isAllowed(copy: string, session: SessionState): Promise<boolean> {
  const { head } = session;
  try {
    const found = await verifyRecording(copy, head === undefined ? [] : [head]);
    const isWhole =
      head === undefined ||
      (found.hash === head.hash && (found.torn?.hash ?? "") === (head.torn?.hash ?? ""));
    return isWhole && substituteFaults(found.substitutes, session).length === 0;
  } catch (error) {
    if (error instanceof RecordingError) return false; // unfinished, as a crash left it
    throw error;
  }
}
