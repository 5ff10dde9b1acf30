import type { State } from "../../access/index.js";
import { encodeKrl, type PublicKey } from "../../certificate/index.js";

/**
 * The OpenSSH key revocation list of everything that was revoked: certificates by serial (also those whose every grant
 * was taken back) and keys by fingerprint.
 */
export function revocationList(
  state: State,
  userCa: PublicKey,
  version: number,
  generatedAtMs: number,
): Buffer {
  const serials: bigint[] = [];
  for (const { serial, revoked, grants } of state.certificates.values()) {
    const isEmpty = grants.every((id) => state.grants.get(id)?.revoked !== undefined);
    if (revoked !== undefined || isEmpty) serials.push(BigInt(serial));
  }
  return encodeKrl({
    ...{ version: BigInt(version), generatedAtMs, comment: "bascule" },
    caKeys: serials.length === 0 ? [] : [{ ca: userCa, serials, keyIds: [] }],
    keys: [],
    fingerprints: [...state.revokedKeys.keys()],
  });
}
