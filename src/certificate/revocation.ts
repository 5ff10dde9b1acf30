import type { Certificate } from "./certificate.js";
import { CertificateError } from "./certificate-error.js";
import { fingerprint, type PublicKey } from "./public-key.js";

/** Certificates of one authority that are revoked. */
export interface RevokedCertificates {
  /** Left out: of every authority. */
  readonly ca?: PublicKey;
  /** Not zero, which OpenSSH takes for "no serial". */
  readonly serials: readonly bigint[];
  readonly keyIds: readonly string[];
}

/** All that is revoked; the KRL says the same to others (`encodeKrl`). */
export interface Revocations {
  readonly caKeys: readonly RevokedCertificates[];
  /** Keys that no certificate may certify, nor be signed by: so an authority is revoked by its key. */
  readonly keys: readonly PublicKey[];
  /** The same, where only `SHA256:…` is known. */
  readonly fingerprints?: readonly string[];
}

/** Answers for `verifyCertificate` as `ssh-keygen -Q` would with the KRL. Throws `invalid-request` for a zero serial. */
export function revocationCheck(revocations: Revocations): (certificate: Certificate) => boolean {
  checkSerials(revocations);
  const keys = new Set([...revocations.keys.map(fingerprint), ...(revocations.fingerprints ?? [])]);
  const groups = revocations.caKeys.map(({ ca, serials, keyIds }) => ({
    ca,
    serials: new Set(serials),
    keyIds: new Set(keyIds),
  }));
  return ({ key, signatureKey, serial, keyId }) =>
    keys.has(fingerprint(key)) ||
    keys.has(fingerprint(signatureKey)) ||
    groups.some(
      ({ ca, serials, keyIds }) =>
        (ca?.blob.equals(signatureKey.blob) ?? true) && (serials.has(serial) || keyIds.has(keyId)),
    );
}

/** Throws `invalid-request` for a serial that cannot be revoked. */
export function checkSerials({ caKeys }: Revocations): void {
  if (caKeys.some(({ serials }) => serials.includes(0n)))
    throw new CertificateError("invalid-request", "serial zero cannot be revoked: OpenSSH ignores it");
}
