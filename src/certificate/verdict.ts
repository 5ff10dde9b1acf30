/** A refusal that is an answer, not a failure. `detail` is for the operator's log; foreign text in it is quoted. */
export interface Denial<Reason extends string> {
  readonly ok: false;
  readonly reason: Reason;
  readonly detail: string;
}

/** Why a signature was not accepted. */
export type SignatureReason =
  /** An algorithm we do not take at all (`ssh-rsa`, SHA-1) or not from a key of this type. */
  | "algorithm-refused"
  /** The signature calls itself something else than what was announced. */
  | "algorithm-mismatch"
  | "malformed-signature"
  | "bad-signature"
  /** A hardware key signed without anyone touching it. */
  | "user-presence-missing"
  /** A hardware key signed without PIN or fingerprint, where the certificate wants one. */
  | "user-verification-missing";

/** Why a certificate was not accepted. A `SignatureReason` is about the authority's signature. */
export type CertificateReason =
  | SignatureReason
  | "wrong-kind"
  | "untrusted-ca"
  | "revoked"
  | "not-yet-valid"
  | "expired"
  | "no-principals"
  | "wrong-principal"
  | "unknown-critical-option"
  | "malformed-critical-option"
  | "source-address";

export function deny<Reason extends string>(reason: Reason, detail: string): Denial<Reason> {
  return { ok: false, reason, detail };
}
