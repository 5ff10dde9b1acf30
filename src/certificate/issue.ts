import {
  decodeCertificate,
  encodeCertificate,
  encodeSignedBytes,
  VALID_FOREVER,
  type CertificateFields,
  type CertificateKind,
} from "./certificate.js";
import { CertificateError } from "./certificate-error.js";
import { encodeRestrictions, type Restrictions } from "./critical-options.js";
import * as limits from "./limits.js";
import { flagOptions } from "./options.js";
import type { PublicKey } from "./public-key.js";
import type { PrivateKey } from "./signing-key.js";

/** What is to be certified. Times are seconds since 1970 as uint64. */
export interface IssueRequest {
  readonly key: PublicKey;
  readonly kind: CertificateKind;
  /** Not zero: zero cannot be revoked. */
  readonly serial: bigint;
  readonly keyId: string;
  /** At least one: OpenSSH takes none for "anybody". */
  readonly principals: readonly string[];
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** Fresh random bytes, 16 to 64. */
  readonly nonce: Buffer;
  /** None for hosts. */
  readonly criticalOptions?: Restrictions;
  /** Names such as `permit-pty`, in any order; none for hosts. */
  readonly extensions?: readonly string[];
}

/**
 * Issues a certificate signed by `authority` (PROTOCOL.certkeys) and returns its blob, having decoded it again: what we issue is
 * within the limits of what we read. Throws `CertificateError`: `invalid-request`, `invalid-address`, `too-long`, `too-many`.
 */
export function issueCertificate(request: IssueRequest, authority: PrivateKey): Buffer {
  checkRequest(request);
  const { criticalOptions = {}, extensions = [], ...same } = request;
  const fields: CertificateFields = {
    ...same,
    criticalOptions: encodeRestrictions(criticalOptions),
    extensions: flagOptions(extensions),
    signatureKey: authority.public,
  };
  const blob = encodeCertificate(fields, authority.sign(encodeSignedBytes(fields)));
  return decodeCertificate(blob).blob;
}

function checkRequest(request: IssueRequest): void {
  const {
    kind,
    serial,
    keyId,
    principals,
    validAfter,
    validBefore,
    nonce,
    criticalOptions,
    extensions = [],
  } = request;
  refuseIf(serial <= 0n || serial > VALID_FOREVER, "a serial is 1 to 2^64-1");
  refuseIf(
    validAfter < 0n || validBefore > VALID_FOREVER || validAfter >= validBefore,
    "a validity that never is",
  );
  refuseIf(nonce.length < limits.NONCE_BYTES_MIN, `a nonce under ${limits.NONCE_BYTES_MIN} bytes`);
  refuseIf(keyId === "" || !isPrintable(keyId), "a key id is printable text");
  refuseIf(principals.length === 0, "no principals");
  refuseIf(new Set(principals).size < principals.length, "a principal twice");
  refuseIf(!principals.every(isPrincipal), "a principal is printable text without blanks and commas");
  refuseIf(new Set(extensions).size < extensions.length, "an extension twice");
  refuseIf(!extensions.every(isPrincipal), "an extension's name is printable text without blanks and commas");
  refuseIf(!isPrintable(criticalOptions?.forceCommand ?? ""), "a forced command is one printable line");
  const restricted = Object.values(criticalOptions ?? {}).some(Boolean);
  refuseIf(kind === "host" && (restricted || extensions.length > 0), "options in a host certificate");
}

function refuseIf(wrong: boolean, what: string): void {
  if (wrong) throw new CertificateError("invalid-request", `not to be issued: ${what}`);
}

function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text); // neither control characters nor lone surrogates
}

/** OpenSSH's tools separate principals with commas and people separate them with blanks: neither may be in one. */
function isPrincipal(text: string): boolean {
  return text !== "" && isPrintable(text) && !/[\s,]/u.test(text);
}
