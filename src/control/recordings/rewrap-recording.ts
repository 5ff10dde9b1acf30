import { RECIPIENTS_MAX } from "../../access/index.js";
import type { Config } from "../../config/index.js";
import {
  compareRewrap,
  keysSubstitute,
  prepareRewrite,
  readWrappedKeys,
  RecordingError,
  type RewrapChange,
  type WrappedKeys,
} from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { RewrapAsk, RewrapRefused, Rewrapped } from "./edit-answer.js";
import { finishEdit, type RecordingPlaces } from "./finish-edit.js";

const KEYS_BLOCK = 1;

/**
 * Puts keys that an auditor has wrapped anew into a recording: the copy is made, the ledger says so, the copy takes the
 * recording's place. The caller holds the session's turn. Control sees no key; it sees to it that nobody is added whom
 * nobody named, and nobody taken away by the way.
 */
export async function rewrapRecording(
  context: DecisionContext,
  places: RecordingPlaces,
  ask: RewrapAsk,
): Promise<Rewrapped | RewrapRefused> {
  const { keeper, clocks, config } = context;
  const { session: id, by, statement } = ask;
  const session = keeper.state.sessions.get(id);
  if (session?.ended === undefined) return { ok: false, reason: "session-live" };
  if (session.deleted !== undefined) return { ok: false, reason: "deleted" };
  const path = places.pathOf(session);
  try {
    const now = await readWrappedKeys(path);
    const change = comparison(ask, now);
    if ("ok" in change) return change;
    const refused = recipientFault(config(), ask, change);
    if (refused !== undefined) return refused;
    const { block, digest } = keysSubstitute(now, { keys: statement.keys, by, atMs: clocks.wallMs() });
    const substitute = ({ number }: { number: number }) => (number === KEYS_BLOCK ? block : undefined);
    const prepared = await prepareRewrite({ path, promised: session.head, substitute }, places.files);
    const recipients = recipientsOf(statement.keys, "data");
    const apart = recipientsOf(statement.keys, "apart");
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

function comparison({ statement }: RewrapAsk, now: WrappedKeys): RewrapChange | RewrapRefused {
  const perKind = (["data", "apart"] as const).map((opens) => recipientsOf(statement.keys, opens).length);
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

function recipientFault(
  { recording }: Config,
  { named: added, removed }: RewrapAsk,
  change: RewrapChange,
): RewrapRefused | undefined {
  const configured = new Map([...recording.sealTo].map(([name, key]) => [key, name]));
  for (const { recipient } of change.added)
    if (!configured.has(recipient) && !added.includes(recipient))
      return { ok: false, reason: "unknown-recipient", recipient };
  for (const { recipient } of change.removed) {
    const name = configured.get(recipient);
    if (!removed.includes(recipient)) return { ok: false, reason: "unasked-removal", recipient };
    if (name !== undefined) return { ok: false, reason: "still-configured", recipient, name };
  }
  return undefined;
}

function recipientsOf(keys: RewrapAsk["statement"]["keys"], opens: "data" | "apart"): readonly string[] {
  return keys.filter((key) => key.opens === opens).map(({ recipient }) => recipient);
}

function named(keys: RewrapChange["added"]): readonly string[] {
  return [...new Set(keys.map(({ recipient }) => recipient))];
}
