import type { Certificate, CertificateKind } from "./certificate.js";
import { readCriticalOptions, type CriticalOptions } from "./critical-options.js";
import { fingerprint, type PublicKey } from "./public-key.js";
import { isInRanges } from "./source-address.js";
import { signatureAlgorithm } from "./ssh-signature.js";
import { deny, type CertificateReason, type Denial } from "./verdict.js";
import {
  TOUCH_DEMANDED,
  verifySignature,
  type SignatureDemands,
  type SignatureVerdict,
} from "./verify-signature.js";

/**
 * How far the issuer's clock may be ahead of ours, in seconds, before its certificate counts as not yet valid.
 * There is no such kindness at the end: access must never outlive its grant.
 */
export const CLOCK_SKEW_S = 30n;

/** What a certificate is held against. */
export interface CertificateDemands {
  readonly kind: CertificateKind;
  readonly trusted: readonly PublicKey[];
  /** The name that must be among the principals; when left out, having at least one is enough. */
  readonly principal?: string | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly nowMs: number;
  /** As the socket tells it. A certificate with `source-address` is refused when it is left out. */
  readonly clientAddress?: string | undefined;
  isRevoked(certificate: Certificate): boolean;
  /** Whether the extension `no-touch-required` is honoured (OpenSSH too asks for both); no by default. */
  readonly noTouchAllowed?: boolean;
}

export interface AcceptedCertificate {
  readonly ok: true;
  /** To be run instead of whatever is asked for. */
  readonly forceCommand?: string;
  /** To be handed to `verifySignature` when the certificate's key signs. */
  readonly signatureDemands: SignatureDemands;
}

export type CertificateVerdict = AcceptedCertificate | Denial<CertificateReason>;
type Refusal = Denial<CertificateReason> | undefined;

/**
 * Decides whether a trusted authority vouches for this certificate, here and now (PROTOCOL.certkeys). On `ok` every field
 * is proven. The authority's signature is checked before any field but kind and authority is looked at.
 * Does not prove that the peer holds the certified key: that is `verifySignature`, with the demands returned.
 */
export function verifyCertificate(certificate: Certificate, demands: CertificateDemands): CertificateVerdict {
  const refusal =
    checkKind(certificate, demands) ??
    checkAuthority(certificate, demands) ??
    checkRevocation(certificate, demands) ??
    checkValidity(certificate, demands) ??
    checkPrincipals(certificate, demands);
  if (refusal !== undefined) return refusal;
  const options = readCriticalOptions(certificate);
  if ("reason" in options) return options;
  return checkAddress(options, demands) ?? accept(certificate, options, demands);
}

function checkKind(certificate: Certificate, { kind }: CertificateDemands): Refusal {
  if (certificate.kind === kind) return undefined;
  return deny("wrong-kind", `a ${certificate.kind} certificate where a ${kind} certificate is wanted`);
}

function checkAuthority(certificate: Certificate, { trusted }: CertificateDemands): Refusal {
  const { signatureKey, signature, signedBytes } = certificate;
  const authority = trusted.find(({ blob }) => blob.equals(signatureKey.blob));
  if (authority === undefined) return deny("untrusted-ca", `signed by ${fingerprint(signatureKey)}`);
  const verdict = verifyAuthority(authority, signature, signedBytes);
  return verdict.ok ? undefined : deny(verdict.reason, `the authority's signature: ${verdict.detail}`);
}

function verifyAuthority(authority: PublicKey, signature: Buffer, signedBytes: Buffer): SignatureVerdict {
  const algorithm = signatureAlgorithm(signature);
  if (algorithm === undefined) return deny("malformed-signature", "no algorithm name");
  return verifySignature(authority, algorithm, signature, signedBytes, TOUCH_DEMANDED);
}

function checkRevocation(certificate: Certificate, demands: CertificateDemands): Refusal {
  if (!demands.isRevoked(certificate)) return undefined;
  const { serial, keyId, key } = certificate;
  return deny(
    "revoked",
    `serial ${serial.toString()}, key id ${JSON.stringify(keyId)}, key ${fingerprint(key)}`,
  );
}

function checkValidity({ validAfter, validBefore }: Certificate, { nowMs }: CertificateDemands): Refusal {
  const now = BigInt(Math.floor(nowMs / 1000));
  if (now + CLOCK_SKEW_S < validAfter)
    return deny("not-yet-valid", `valid from second ${validAfter.toString()}, now ${now.toString()}`);
  if (now >= validBefore)
    return deny("expired", `valid until second ${validBefore.toString()}, now ${now.toString()}`);
  return undefined;
}

function checkPrincipals({ principals }: Certificate, { principal }: CertificateDemands): Refusal {
  if (principals.length === 0) return deny("no-principals", "an empty principal list matches nobody");
  if (principal === undefined || principals.includes(principal)) return undefined;
  return deny("wrong-principal", `for ${JSON.stringify(principals)}, not ${JSON.stringify(principal)}`);
}

function checkAddress({ sourceAddresses }: CriticalOptions, { clientAddress }: CertificateDemands): Refusal {
  if (sourceAddresses === undefined) return undefined;
  if (clientAddress !== undefined && isInRanges(clientAddress, sourceAddresses)) return undefined;
  return deny("source-address", `not to be used from ${clientAddress ?? "an unknown address"}`);
}

function accept(
  { extensions }: Certificate,
  { forceCommand, verifyRequired }: CriticalOptions,
  { noTouchAllowed = false }: CertificateDemands,
): AcceptedCertificate {
  const untouched = noTouchAllowed && extensions.has("no-touch-required");
  const signatureDemands = { userPresence: !untouched, userVerification: verifyRequired };
  return { ok: true, signatureDemands, ...(forceCommand === undefined ? {} : { forceCommand }) };
}
