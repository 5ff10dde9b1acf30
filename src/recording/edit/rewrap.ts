import { encodeAuditorPublicKey, type AuditorPrivateKey, type AuditorPublicKey } from "../auditor-key.js";
import { unwrapDataKey, wrapDataKey } from "../data-key.js";
import type { WrappedKey } from "../header.js";
import { verifyCommitment } from "../key-commitment.js";
import { RecordingError } from "../recording-error.js";
import type { RewrapStatement } from "./rewrap-statement.js";
import { readWrappedKeys } from "./wrapped-keys.js";

export interface RewrapWish {
  /** Who is to open the recording from here on, beside those who can. */
  readonly to: readonly AuditorPublicKey[];
  /** Who is to open what was typed unseen as well. */
  readonly apartTo: readonly AuditorPublicKey[];
  /** Who is no longer to. A copy that they have made stays open to them. */
  readonly remove: readonly AuditorPublicKey[];
}

/**
 * Wraps a recording's keys to other auditors, with the private key of one who can open it. What is made holds no key that
 * anybody but they could use. Undefined when there is nothing to do.
 * @throws RecordingError as openRecording does: `key-not-for-us` also where the apart key is wished for and not held
 */
export async function makeRewrap(
  path: string,
  auditors: readonly AuditorPrivateKey[],
  { to, apartTo, remove }: RewrapWish,
): Promise<RewrapStatement | undefined> {
  const { header, keys, digest } = await readWrappedKeys(path);
  const removed = new Set(remove.map(encodeAuditorPublicKey));
  const kept = keys.filter(({ recipient }) => !removed.has(recipient));
  const wanted = { data: to, apart: apartTo };
  const commitments = { data: header.keyCommitment, apart: header.apartKeyCommitment };
  const added: WrappedKey[] = [];
  for (const opens of ["data", "apart"] as const) {
    const lacking = wanted[opens].filter((auditor) => !isAmong(kept, opens, auditor));
    if (lacking.length === 0) continue;
    const key = await unwrapDataKey(keys, auditors, opens);
    try {
      verifyCommitment(key, header.session, commitments[opens]);
      added.push(...(await wrapDataKey(key, lacking, opens)));
    } finally {
      key.fill(0);
    }
  }
  if (added.length === 0 && kept.length === keys.length) return undefined;
  const all = [...kept, ...added];
  if (!all.some(({ opens }) => opens === "data"))
    throw new RecordingError("key-not-for-us", "nobody could open the recording any more");
  return { session: header.session, replaces: digest, keys: all };
}

function isAmong(
  keys: readonly WrappedKey[],
  opens: WrappedKey["opens"],
  auditor: AuditorPublicKey,
): boolean {
  const wanted = encodeAuditorPublicKey(auditor);
  return keys.some(({ recipient, opens: what }) => what === opens && recipient === wanted);
}
