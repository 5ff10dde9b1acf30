import { mayUnseal, type Policy } from "../../access/index.js";
import type { RewrapChange, WrappedKeys } from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import { changeKeys } from "./change-keys.js";
import type { Rewrapped, UnsealAsk, UnsealRefused } from "./edit-answer.js";
import type { RecordingPlaces } from "./finish-edit.js";

/**
 * Lets one auditor see what was typed on the terminals of one session: the ledger says who permits it, to whom and why, and
 * then that auditor's key opens it, wrapped by who has the key for that. The caller holds the session's turn.
 */
export async function unsealRecording(
  context: DecisionContext,
  places: RecordingPlaces,
  ask: UnsealAsk,
): Promise<Rewrapped | UnsealRefused> {
  const { session, by, for: auditor, recipient, reason, statement } = ask;
  const { keeper, config } = context;
  const verdict = mayUnseal(config().policy, keeper.state, ask);
  if (!verdict.ok) return verdict;
  const { sealTo } = config().recording;
  const keyName = nameOf(recipient, sealTo);
  const claim = claimFault(ask, sealTo.get(auditor), keyName, config().policy);
  if (claim !== undefined) return claim;
  const refusal = (change: RewrapChange, now: WrappedKeys) => unsealFault(recipient, change, now);
  return changeKeys<UnsealRefused>(context, places, {
    ...{ session, by, statement, refusal },
    before: { type: "recording.unsealed", session, by, for: auditor, recipient, ...keyName, reason },
  });
}

function nameOf(recipient: string, sealTo: ReadonlyMap<string, string>): { readonly keyName?: string } {
  const [name] = [...sealTo].find(([, key]) => key === recipient) ?? [];
  return name === undefined ? {} : { keyName: name };
}

/** The configuration's names for keys are anybody's; where one is a person's, it says whose key that is. */
function claimFault(
  { for: auditor, recipient }: UnsealAsk,
  own: string | undefined,
  { keyName: name }: { readonly keyName?: string },
  { identities }: Policy,
): UnsealRefused | undefined {
  if (own !== undefined && own !== recipient) return { ok: false, reason: "another-key", name: auditor };
  if (name === undefined || name === auditor || !identities.has(name)) return undefined;
  return { ok: false, reason: "key-of-another", name };
}

/** Exactly one key is added, for somebody who can read the recording already. */
function unsealFault(
  recipient: string,
  { added, removed }: RewrapChange,
  { keys }: WrappedKeys,
): UnsealRefused | undefined {
  const [key, ...more] = added;
  const isMeant = key?.opens === "apart" && key.recipient === recipient;
  if (!isMeant || more.length + removed.length > 0) return { ok: false, reason: "not-an-unsealing" };
  const canRead = keys.some((one) => one.opens === "data" && one.recipient === recipient);
  return canRead ? undefined : { ok: false, reason: "not-a-reader" };
}
