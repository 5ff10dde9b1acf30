import type { Policy, State } from "../../access/index.js";
import {
  CertificateError,
  decodeCertificate,
  decodePublicKey,
  fingerprint,
  parsePublicKeyLine,
  type PublicKey,
} from "../../certificate/index.js";
import { bytesOf } from "../base64.js";
import type { CertificateAsk } from "./certificate-answer.js";

export type KeyDenial = "no-key" | "several-keys" | "malformed-key" | "key-revoked";

export type KeyVerdict =
  | { readonly ok: true; readonly key: PublicKey; readonly fingerprint: string }
  | { readonly ok: false; readonly reason: KeyDenial; readonly detail?: string };

/** The key that a certificate is to be for: one that was given, that of the login, or the identity's only registered one. */
export function keyToCertify(policy: Policy, state: State, ask: Omit<CertificateAsk, "by">): KeyVerdict {
  const found = findKey(policy, ask);
  if ("ok" in found) return found;
  const print = fingerprint(found);
  const revoked = state.revokedKeys.get(print);
  if (revoked !== undefined) return { ok: false, reason: "key-revoked", detail: revoked.reason };
  return { ok: true, key: found, fingerprint: print };
}

function findKey(
  policy: Policy,
  { identity, key, proof, fingerprint: wanted }: Omit<CertificateAsk, "by">,
): PublicKey | Extract<KeyVerdict, { ok: false }> {
  try {
    if (key !== undefined) return parsePublicKeyLine(key).key;
    if (proof !== undefined) return keyOfLogin(proof.algorithm, bytesOf(proof.key));
    const registered = policy.identities.get(identity)?.keys ?? [];
    const fitting = registered.filter((one) => wanted === undefined || one.fingerprint === wanted);
    if (fitting.length > 1) return { ok: false, reason: "several-keys" };
    const [only] = fitting;
    return only === undefined ? { ok: false, reason: "no-key" } : parsePublicKeyLine(only.line).key;
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { ok: false, reason: "malformed-key", detail: error.message };
  }
}

function keyOfLogin(algorithm: string, blob: Buffer): PublicKey {
  return algorithm.includes("-cert-v01@") ? decodeCertificate(blob).key : decodePublicKey(blob);
}
