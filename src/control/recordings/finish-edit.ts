import type { RedactionId, SessionId, SessionState } from "../../access/index.js";
import {
  commitRewrite,
  RecordingError,
  type EditFiles,
  type PreparedRewrite,
} from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { UnfinishedEdit } from "./edit-answer.js";

/** Where recordings lie, by which way they are changed, and what could not be yet. */
export interface RecordingPlaces {
  readonly pathOf: (session: SessionState) => string;
  readonly files: EditFiles;
  /** By session. */
  readonly unfinished: Map<SessionId, UnfinishedEdit>;
}

/**
 * Lets a prepared copy take a recording's place, as the ledger says by now. What keeps it from that is told and remembered:
 * the copy is left for the next try.
 */
export async function finishEdit(
  { log }: DecisionContext,
  { files, unfinished }: RecordingPlaces,
  edit: { readonly session: SessionId; readonly prepared: PreparedRewrite; readonly redaction?: RedactionId },
): Promise<string | undefined> {
  const { session, prepared, redaction } = edit;
  try {
    await commitRewrite(prepared, files);
    unfinished.delete(session);
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const detail = `${error.code}: ${error.message}`;
    unfinished.set(session, { session, detail, ...(redaction !== undefined && { redaction }) });
    log.error({ session, error: detail }, "a recording could not be changed yet");
    return detail;
  }
}
