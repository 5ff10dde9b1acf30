/**
 * certificate/: OpenSSH keys and certificates. Reads and writes them strictly (what decodes re-encodes to the same
 * bytes), decides whether a signature or a certificate is to be believed, issues certificates, lists revoked ones.
 *
 * It must never do I/O, look at a clock or make up a certificate's randomness: times and nonces come in as arguments
 * (a new key pair is node:crypto's own). It must never let a library decide whether a certificate is good. It must never
 * throw for a refusal: denials are values with a closed union of reasons, and `CertificateError` is for bytes that are no key,
 * no certificate, or a request that is not to be served.
 */
export { CertificateError, type CertificateErrorCode } from "./certificate-error.js";
export { WireReader, WireWriter } from "./wire.js";
export {
  algorithmsOf,
  certificateTypeOf,
  KEY_TYPES,
  type CertificateType,
  type KeyType,
  type SignatureAlgorithm,
} from "./key-type.js";
export { decodePublicKey, fingerprint, publicKeyFrom, type PublicKey } from "./public-key.js";
export {
  decodeCertificate,
  encodeCertificate,
  VALID_FOREVER,
  type Certificate,
  type CertificateFields,
  type CertificateKind,
} from "./certificate.js";
export {
  encodeCertificateLine,
  encodePublicKeyLine,
  parseCertificateLine,
  parsePublicKeyLine,
} from "./line.js";
export { decodeTextOption, type Options } from "./options.js";
export type { Restrictions } from "./critical-options.js";
export { isInRanges, parseSourceAddresses, type AddressRange } from "./source-address.js";
export type { CertificateReason, Denial, SignatureReason } from "./verdict.js";
export {
  TOUCH_DEMANDED,
  verifySignature,
  type SignatureDemands,
  type SignatureVerdict,
} from "./verify-signature.js";
export {
  CLOCK_SKEW_S,
  verifyCertificate,
  type AcceptedCertificate,
  type CertificateDemands,
  type CertificateVerdict,
} from "./verify-certificate.js";
export { issueCertificate, type IssueRequest } from "./issue.js";
export { generatePrivateKey, privateKeyFrom, type GeneratedType, type PrivateKey } from "./signing-key.js";
export { encodePrivateKey, parsePrivateKey } from "./private-key.js";
export { revocationCheck, type Revocations, type RevokedCertificates } from "./revocation.js";
export { encodeKrl, type Krl } from "./krl.js";
