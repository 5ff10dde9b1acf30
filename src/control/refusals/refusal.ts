import type { GrantId, RequestId, SessionDenial } from "../../access/index.js";
import type { CertificateReason } from "../../certificate/index.js";

/** Why somebody was refused. Closed: each has its text in `refusal-text.ts` and stands in the ledger. */
export type RefusalReason =
  | CertificateReason
  | SessionDenial
  | "malformed-key"
  | "unknown-key" // a plain key that no identity has registered
  | "proof-reused" // a login that was shown here before
  | "proof-mismatch" // the signed user name is not the login that is asked for
  | "certificate-required" // a session needs a certificate; a registered key alone does not open one
  | "jump-mismatch" // the two hops are not the same identity
  | "forced-command" // a certificate that restricts to one command: not served yet, so not let in
  | "wrong-port"
  | "disk-full"; // what it does could not be recorded

/** A refusal on its way to the ledger and to the user. */
export interface Denied {
  readonly ok: false;
  readonly reason: RefusalReason;
  /** For the operator and the ledger; never shown to the peer. */
  readonly detail: string;
  /**
   * Whether the peer has proven to hold a key that we vouch for: only then may it read why. To everybody else a refusal
   * says nothing.
   */
  readonly isKnown: boolean;
  /**
   * The bare key of somebody who holds a live certificate for it: clients offer the key first. Neither told nor written
   * down.
   */
  readonly isPassing?: boolean;
  readonly identity?: string;
  readonly fingerprint?: string;
  readonly target?: string;
  readonly login?: string;
  /** When it began, ended or was revoked, where the reason is one of time. */
  readonly atMs?: number;
  /** What could be asked for instead; only what the identity may see anyway. */
  readonly instead?: readonly string[];
  /** A live grant for it that the certificate in use does not open. */
  readonly heldGrant?: GrantId;
  /** A request for it that nobody has decided yet, and who could. */
  readonly waiting?: { readonly request: RequestId; readonly approvers: readonly string[] };
  /** What is locked, where that is the reason: `prod-db-1`, `certificate 4711`. */
  readonly locked?: string;
}

/** Reasons of `verifyCertificate` and `verifySignature` that prove nothing about who is there. */
const STRANGERS: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  "algorithm-refused",
  "algorithm-mismatch",
  "malformed-signature",
  "bad-signature",
  "user-presence-missing",
  "wrong-kind",
  "untrusted-ca",
  "malformed-key",
  "unknown-key",
]);

/** Whether somebody refused for this reason has proven nothing. */
export function isStranger(reason: RefusalReason): boolean {
  return STRANGERS.has(reason);
}
