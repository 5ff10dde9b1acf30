import {
  CertificateError,
  decodeCertificate,
  decodePublicKey,
  fingerprint,
  TOUCH_DEMANDED,
  verifyCertificate,
  verifySignature,
  type Certificate,
  type PublicKey,
} from "../../certificate/index.js";
import { isCertificateOver, lockOn, type Policy, type State, lockedText } from "../../access/index.js";
import type { SessionProof } from "../../rpc/index.js";
import { WireWriter } from "../../wire/index.js";
import { bytesOf } from "../base64.js";
import { isStranger, type Denied, type RefusalReason } from "../refusals/refusal.js";

/** Somebody who has shown that they hold a key, and whose key it is. */
export interface ProvenLogin {
  readonly ok: true;
  readonly identity: string;
  /** Of the key that signed. */
  readonly fingerprint: string;
  /** Whether that was a certificate of our user CA, valid now and in the ledger; its serial in decimal. */
  readonly serial?: string;
}

export interface ProofContext {
  readonly userCa: PublicKey;
  readonly state: State;
  readonly policy: Policy;
  readonly clientAddress: string;
  readonly nowMs: number;
}

/** SSH_MSG_USERAUTH_REQUEST */
const USERAUTH_REQUEST = 50;
const CERTIFICATE_ALGORITHM = /-cert-v01@openssh\.com$/u;

/**
 * Checks a login again, from its parts, whatever the proxy thought of it: the signature over the blob of RFC 4252
 * section 7, then the certificate or the registration of the key, then that nothing of it is locked. Throws RpcError `PROTOCOL` for what is no base64.
 */
export function verifyLogin(proof: SessionProof, context: ProofContext): ProvenLogin | Denied {
  const blob = bytesOf(proof.key);
  const opened = openKey(proof.algorithm, blob);
  if ("reason" in opened) return opened;
  const { key, certificate } = opened;
  const signature = bytesOf(proof.signature);
  const data = loginBlob(proof, blob);
  const verdict = verifySignature(key, proof.algorithm, signature, data, TOUCH_DEMANDED);
  const about = { fingerprint: fingerprint(key) };
  if (!verdict.ok) return { ...about, ...refused(verdict.reason, verdict.detail) };
  if (certificate === undefined) return unlocked(checkRegistered(about.fingerprint, context), context);
  const accepted = checkCertificate(certificate, context);
  if ("reason" in accepted) return { ...about, ...accepted };
  const again = verifySignature(key, proof.algorithm, signature, data, accepted.demands);
  if (!again.ok) return { ...about, ...refused(again.reason, again.detail) };
  const serial = certificate.serial.toString();
  return unlocked({ ok: true, identity: accepted.identity, ...about, serial }, context);
}

/** Nobody who is locked, or comes with what is locked, gets in anywhere. */
function unlocked(login: ProvenLogin | Denied, { state }: ProofContext): ProvenLogin | Denied {
  if (!login.ok) return login;
  const { identity, fingerprint, serial } = login;
  const lock = lockOn(state, { identity, ...(serial !== undefined && { serial }) });
  if (lock === undefined) return login;
  const about = { identity, fingerprint, atMs: lock.atMs, locked: lockedText(lock) };
  return { ...refused("locked", lock.reason), ...about };
}

/** What a client signs when it logs in with a public key (RFC 4252 section 7). */
export function loginBlob({ sessionId, user, algorithm }: SessionProof, key: Buffer): Buffer {
  return new WireWriter()
    .string(bytesOf(sessionId))
    .byte(USERAUTH_REQUEST)
    .string(user)
    .string("ssh-connection")
    .string("publickey")
    .boolean(true)
    .string(algorithm)
    .string(key)
    .finish();
}

/** The key that a login names, plain or in a certificate of which nothing is proven. */
export function openKey(
  algorithm: string,
  blob: Buffer,
): { key: PublicKey; certificate?: Certificate } | Denied {
  try {
    if (!CERTIFICATE_ALGORITHM.test(algorithm)) return { key: decodePublicKey(blob) };
    const certificate = decodeCertificate(blob);
    return { key: certificate.key, certificate };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return refused("malformed-key", `${error.code}: ${error.message}`);
  }
}

function checkRegistered(print: string, { policy, state }: ProofContext): ProvenLogin | Denied {
  for (const { name, keys } of policy.identities.values()) {
    if (!keys.some((key) => key.fingerprint === print)) continue;
    const revoked = state.revokedKeys.get(print);
    if (revoked === undefined) return { ok: true, identity: name, fingerprint: print };
    const about = { identity: name, fingerprint: print, atMs: revoked.atMs };
    return { ...refused("key-revoked", revoked.reason), ...about };
  }
  return { ...refused("unknown-key", "no identity has this key"), fingerprint: print };
}

interface Accepted {
  readonly identity: string;
  readonly demands: typeof TOUCH_DEMANDED;
}

function checkCertificate(certificate: Certificate, context: ProofContext): Accepted | Denied {
  const { userCa, state, policy, clientAddress, nowMs } = context;
  const serial = certificate.serial.toString();
  const revocation =
    state.certificates.get(serial)?.revoked ?? state.revokedKeys.get(fingerprint(certificate.key));
  const verdict = verifyCertificate(certificate, {
    ...{ kind: "user", trusted: [userCa], nowMs, clientAddress },
    isRevoked: () => revocation !== undefined,
  });
  const [identity = "", ...others] = certificate.principals;
  const about = policy.identities.has(identity) ? { identity, ...placeOf(serial, state) } : {};
  if (!verdict.ok) {
    const { reason } = verdict;
    if (reason === "revoked" && revocation !== undefined)
      return { ...refused(reason, revocation.reason), ...about, atMs: revocation.atMs };
    return { ...refused(reason, verdict.detail), ...about, ...momentOf(reason, certificate) };
  }
  if (others.length > 0) return refused("wrong-principal", `${others.length + 1} principals`);
  if (verdict.forceCommand !== undefined) return { ...refused("forced-command", "force-command"), ...about };
  if (!policy.identities.has(identity)) return refused("unknown-identity", "not in the policy");
  const issued = state.certificates.get(serial);
  if (issued === undefined) return { ...refused("unknown-certificate", `serial ${serial}`), ...about };
  if (issued.fingerprint !== fingerprint(certificate.key))
    return { ...refused("unknown-certificate", `serial ${serial} was issued for another key`), ...about };
  if (issued.identity !== identity)
    return { ...refused("wrong-principal", `serial ${serial} was issued to ${issued.identity}`), ...about };
  if (isCertificateOver(state, issued, nowMs))
    return { ...refused("expired", "its grants have ended"), ...about };
  return { identity, demands: verdict.signatureDemands };
}

/** Where a certificate led to, for the command that would give another like it. */
function placeOf(serial: string, { certificates, grants }: State): { target?: string; login?: string } {
  const [first] = certificates.get(serial)?.grants ?? [];
  const grant = first === undefined ? undefined : grants.get(first)?.grant;
  const [target, login] = [grant?.targets[0], grant?.logins[0]];
  return { ...(target !== undefined && { target }), ...(login !== undefined && { login }) };
}

function momentOf(reason: RefusalReason, certificate: Certificate): { atMs?: number } {
  const seconds = { expired: certificate.validBefore, "not-yet-valid": certificate.validAfter }[
    reason as string
  ];
  const atMs = Number(seconds) * 1000;
  return seconds !== undefined && Number.isSafeInteger(atMs) ? { atMs } : {};
}

function refused(reason: RefusalReason, detail: string): Denied {
  return { ok: false, reason, detail, isKnown: !isStranger(reason) };
}
