import type { ApprovalEvidence, EventOf } from "../access/index.js";
import {
  CertificateError,
  decodeCertificate,
  decodePublicKey,
  fingerprint,
  TOUCH_DEMANDED,
  verifySignature,
  WireWriter,
  type PublicKey,
} from "../certificate/index.js";

/** SSH_MSG_USERAUTH_REQUEST */
const USERAUTH_REQUEST = 50;
const CERTIFICATE_ALGORITHM = /-cert-v01@openssh\.com$/u;

/**
 * What is wrong with a signed approval, or undefined: the ssh login that the approver's client signed (RFC 4252 section 7, docs/formats/signed-approval-v1.md)
 * is by the key that the entry names, and a key that was touched if the entry says so. That the login was
 * for this very request is the fold's to say; whose key it is, the policy's.
 */
export function approvalFault(
  { fingerprint: named, presence }: EventOf<"request.approved">,
  evidence: ApprovalEvidence,
): string | undefined {
  const key = openKey(evidence);
  if (key === undefined) return "its key is none";
  if (fingerprint(key) !== named) return `it is signed by ${fingerprint(key)}`;
  const signature = Buffer.from(evidence.signature, "base64"); // the decoder let only base64 in
  const verdict = verifySignature(key, evidence.algorithm, signature, loginBlob(evidence), TOUCH_DEMANDED);
  if (!verdict.ok) return verdict.detail;
  const isTouched = key.application !== undefined; // a hardware key's signature without a touch was refused just now
  return isTouched === presence ? undefined : "whether the key was touched is not what the entry says";
}

function openKey({ algorithm, key }: ApprovalEvidence): PublicKey | undefined {
  const blob = Buffer.from(key, "base64");
  try {
    return CERTIFICATE_ALGORITHM.test(algorithm) ? decodeCertificate(blob).key : decodePublicKey(blob);
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

function loginBlob({ sessionId, user, algorithm, key }: ApprovalEvidence): Buffer {
  return new WireWriter()
    .string(Buffer.from(sessionId, "base64"))
    .byte(USERAUTH_REQUEST)
    .string(user)
    .string("ssh-connection")
    .string("publickey")
    .boolean(true)
    .string(algorithm)
    .string(Buffer.from(key, "base64"))
    .finish();
}
