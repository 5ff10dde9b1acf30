import type { Config } from "../../config/index.js";
import type { RewrapChange, WrappedKey } from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import { changeKeys } from "./change-keys.js";
import type { RewrapAsk, RewrapRefused, Rewrapped } from "./edit-answer.js";
import type { RecordingPlaces } from "./finish-edit.js";

/**
 * Lets others read a recording, by keys that an auditor has wrapped anew. Control sees no key; it sees to it that nobody is
 * added whom nobody named, and nobody taken away by the way. The caller holds the session's turn.
 */
export function rewrapRecording(
  context: DecisionContext,
  places: RecordingPlaces,
  ask: RewrapAsk,
): Promise<Rewrapped | RewrapRefused> {
  const { session, by, statement } = ask;
  const refusal = (change: RewrapChange) => recipientFault(context.config(), ask, change);
  return changeKeys(context, places, { session, by, statement, refusal });
}

/** What was typed unseen is opened to those of the configuration only; for one session, to others, it is unsealed. */
function recipientFault(
  { recording }: Config,
  { named, removed }: RewrapAsk,
  change: RewrapChange,
): RewrapRefused | undefined {
  const nameOf = ({ opens, recipient }: WrappedKey): string | undefined =>
    [...recording[opens === "data" ? "sealTo" : "sealApartTo"]].find(([, key]) => key === recipient)?.[0];
  for (const key of change.added) {
    const { opens, recipient } = key;
    if (nameOf(key) !== undefined) continue;
    if (opens === "apart") return { ok: false, reason: "not-to-unseal", recipient };
    if (!named.includes(recipient)) return { ok: false, reason: "unknown-recipient", recipient };
  }
  for (const key of change.removed) {
    const { recipient } = key;
    const name = nameOf(key);
    if (!removed.includes(recipient)) return { ok: false, reason: "unasked-removal", recipient };
    if (name !== undefined) return { ok: false, reason: "still-configured", recipient, name };
  }
  return undefined;
}
