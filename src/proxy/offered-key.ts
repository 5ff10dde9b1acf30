import {
  algorithmsOf,
  certificateTypeOf,
  CertificateError,
  decodeCertificate,
  decodePublicKey,
  fingerprint,
  verifyCertificate,
  verifySignature,
  type Certificate,
  type PublicKey,
} from "../certificate/index.js";

/** A key that a client offers to log in with, in a form that is known here. Nothing about its holder is proven yet. */
export interface Offered {
  readonly algorithm: string;
  /** The key that signs: the plain one, or the one inside the certificate. */
  readonly key: PublicKey;
  readonly certificate: Certificate | undefined;
}

/** Whose keys are worth an answer. */
export interface KnownKeys {
  readonly userCas: readonly PublicKey[];
  /** SHA-256 fingerprints. */
  readonly registered: ReadonlySet<string>;
}

/**
 * Opens what the client offers; undefined when it is malformed, of a kind that is not taken, signed by a CA that is not
 * ours, or a plain key that nobody registered. Whether a certificate of ours is still good is for control to say.
 */
export function recogniseKey(algorithm: string, blob: Buffer, known: KnownKeys): Offered | undefined {
  try {
    const certificate = algorithm.endsWith("-cert-v01@openssh.com") ? decodeCertificate(blob) : undefined;
    const key = certificate?.key ?? decodePublicKey(blob);
    if (!announces(algorithm, key, certificate)) return undefined;
    const isKnown = certificate ? isOurs(certificate, known) : known.registered.has(fingerprint(key));
    return isKnown ? { algorithm, key, certificate } : undefined;
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

/** Whether `signature` over `data` is made by the offered key, with the algorithm that was announced. */
export function provesPossession({ key, algorithm }: Offered, signature: Buffer, data: Buffer): boolean {
  // touch and PIN are judged by control, which knows what the certificate and the policy demand
  return verifySignature(key, algorithm, signature, data, { userPresence: false, userVerification: false })
    .ok;
}

function announces(algorithm: string, key: PublicKey, certificate: Certificate | undefined): boolean {
  const plain = algorithmsOf(key.type);
  if (!certificate) return plain.some((name) => name === algorithm);
  if (key.type !== "ssh-rsa") return algorithm === certificateTypeOf(key.type);
  return plain.some((name) => algorithm === `${name}-cert-v01@openssh.com`);
}

/** Signed by a CA of ours, as a user certificate. Time, names and revocation are for control to judge. */
function isOurs(certificate: Certificate, { userCas }: KnownKeys): boolean {
  const verdict = verifyCertificate(certificate, {
    kind: "user",
    trusted: userCas,
    nowMs: Date.now(),
    isRevoked: () => false,
  });
  return verdict.ok || !strangersReasons.has(verdict.reason);
}

const strangersReasons = new Set<string>([
  "wrong-kind",
  "untrusted-ca",
  "algorithm-refused",
  "algorithm-mismatch",
  "malformed-signature",
  "bad-signature",
  "user-presence-missing",
]);
