import type { GrantId } from "../../access/index.js";
import type { SessionProof } from "../../rpc/index.js";

/** Who wants a certificate over all their live grants, and for which key: the first of these that is given. */
export interface CertificateAsk {
  readonly identity: string;
  /** One OpenSSH public-key line. */
  readonly key?: string;
  /** The login that they came by: its key. */
  readonly proof?: SessionProof;
  /** Of a registered key; without it the only registered one. */
  readonly fingerprint?: string;
  readonly by: string;
}

export interface Certified {
  readonly ok: true;
  /** For a `-cert.pub` file, without its line end. */
  readonly certificate: string;
  readonly serial: string;
  /** Of the certified key. */
  readonly fingerprint: string;
  /** Those that it names, newest first. */
  readonly grants: readonly GrantId[];
  readonly validBeforeMs: number;
}

export type CertificateDenial =
  | "unknown-identity"
  | "locked"
  | "no-live-grant"
  | "no-key"
  | "several-keys"
  | "malformed-key"
  | "key-revoked";

export interface CertificateRefused {
  readonly ok: false;
  readonly reason: CertificateDenial;
  /** For people: why it is locked or revoked. */
  readonly detail?: string;
}
