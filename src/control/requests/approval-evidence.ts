import {
  approvalUser,
  cleanText,
  type AccessRequest,
  type ApprovalEvidence,
  type Policy,
} from "../../access/index.js";
import { fingerprint, TOUCH_DEMANDED, verifySignature } from "../../certificate/index.js";
import { bytesOf } from "../base64.js";
import { loginBlob, openKey } from "../logins/login-proof.js";

/** What a signed approval proves: this person's key signed for exactly this request. */
export type EvidenceVerdict =
  | {
      readonly ok: true;
      readonly fingerprint: string;
      /** Whether a hardware key signed, which was touched for it. */
      readonly presence: boolean;
    }
  | { readonly ok: false; readonly detail: string };

/**
 * Checks a signed approval from its parts, as anybody can who has the ledger (docs/formats/signed-approval-v1.md): the user name
 * is that of this very request, the signature is good, and the key is registered to whoever approves. Throws RpcError
 * `PROTOCOL` for what is no base64.
 */
export function verifyEvidence(
  policy: Policy,
  request: AccessRequest,
  by: string,
  evidence: ApprovalEvidence,
): EvidenceVerdict {
  if (evidence.user !== approvalUser(request)) return refused("it was signed for something else");
  const blob = bytesOf(evidence.key);
  const opened = openKey(evidence.algorithm, blob);
  if ("reason" in opened) return refused(opened.detail);
  const print = fingerprint(opened.key);
  const keys = policy.identities.get(by)?.keys ?? [];
  if (!keys.some((key) => key.fingerprint === print))
    return refused("the key is not registered to who approves");
  const signed = loginBlob(evidence, blob);
  const signature = bytesOf(evidence.signature);
  const verdict = verifySignature(opened.key, evidence.algorithm, signature, signed, TOUCH_DEMANDED);
  if (!verdict.ok) return refused(verdict.detail);
  // a hardware key's signature without a touch was refused just now
  return { ok: true, fingerprint: print, presence: opened.key.application !== undefined };
}

function refused(detail: string): EvidenceVerdict {
  return { ok: false, detail: cleanText(detail) };
}
