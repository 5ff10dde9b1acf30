import { RECIPIENTS_MAX, type AccessEvent, type SessionId } from "../../access/index.js";
import {
  compareRewrap,
  keysSubstitute,
  prepareRewrite,
  readWrappedKeys,
  RecordingError,
  type RewrapChange,
  type RewrapStatement,
  type WrappedKeys,
} from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { KeysRefused, Rewrapped } from "./edit-answer.js";
import { finishEdit, type RecordingPlaces } from "./finish-edit.js";

const KEYS_BLOCK = 1;

/** Keys that somebody has wrapped anew, and by which rules they may take the place of those that are there. */
export interface KeysChange<R> {
  readonly session: SessionId;
  readonly by: string;
  readonly statement: RewrapStatement;
  readonly refusal: (change: RewrapChange, now: WrappedKeys) => R | undefined;
  /** What the ledger says before it says that the keys are others now. */
  readonly before?: AccessEvent;
}

/**
 * Puts keys that were wrapped anew into a recording: the copy is made, the ledger says so, the copy takes the recording's
 * place. The caller holds the session's turn.
 */
export async function changeKeys<R>(
  context: DecisionContext,
  places: RecordingPlaces,
  { session: id, by, statement, refusal, before }: KeysChange<R>,
): Promise<Rewrapped | KeysRefused | R> {
  const { keeper, clocks } = context;
  const session = keeper.state.sessions.get(id);
  if (session?.ended === undefined) return { ok: false, reason: "session-live" };
  if (session.deleted !== undefined) return { ok: false, reason: "deleted" };
  const path = places.pathOf(session);
  try {
    const now = await readWrappedKeys(path);
    const change = comparison(statement, now);
    if ("ok" in change) return change;
    const refused = refusal(change, now);
    if (refused !== undefined) return refused;
    const { block, digest } = keysSubstitute(now, { keys: statement.keys, by, atMs: clocks.wallMs() });
    const substitute = ({ number }: { number: number }) => (number === KEYS_BLOCK ? block : undefined);
    const prepared = await prepareRewrite({ path, promised: session.head, substitute }, places.files);
    const recipients = recipientsOf(statement, "data");
    const apart = recipientsOf(statement, "apart");
    if (before !== undefined) await keeper.record(before);
    await keeper.record({
      ...{ type: "recording.rewrapped", session: id, by, recipients, substitute: digest },
      ...(apart.length > 0 && { apartRecipients: apart }),
    });
    const unfinished = await finishEdit(context, places, { session: id, prepared });
    return {
      ...{ ok: true, recipients, added: named(change.added), removed: named(change.removed) },
      ...(unfinished !== undefined && { unfinished }),
    };
  } catch (error) {
    if (error instanceof RecordingError)
      return { ok: false, reason: "recording-damaged", detail: `${error.code}: ${error.message}` };
    throw error;
  }
}

function comparison(statement: RewrapStatement, now: WrappedKeys): RewrapChange | KeysRefused {
  const perKind = (["data", "apart"] as const).map((opens) => recipientsOf(statement, opens).length);
  if (Math.max(...perKind) > RECIPIENTS_MAX) return { ok: false, reason: "too-many-recipients" };
  try {
    const change = compareRewrap(statement, now);
    const isIdle = change.added.length === 0 && change.removed.length === 0;
    return isIdle ? { ok: false, reason: "nothing-changed" } : change;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { ok: false, reason: "statement-refused", detail: error.message };
  }
}

function recipientsOf({ keys }: RewrapStatement, opens: "data" | "apart"): readonly string[] {
  return keys.filter((key) => key.opens === opens).map(({ recipient }) => recipient);
}

function named(keys: RewrapChange["added"]): readonly string[] {
  return [...new Set(keys.map(({ recipient }) => recipient))];
}
