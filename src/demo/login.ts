import {
  CertificateError,
  decodeCertificate,
  verifyCertificate,
  verifySignature,
  type Certificate,
  type PublicKey,
} from "../certificate/index.js";

/** One attempt at public-key authentication, as it came from the network. */
export interface LoginAttempt {
  readonly login: string;
  /** attacker-controlled: what the client says it will sign with. */
  readonly algorithm: string;
  /** attacker-controlled: a certificate, if this is to succeed. */
  readonly key: Buffer;
  /** Left out where the client only asks whether the key would do (RFC 4252 section 7). */
  readonly proof?: { readonly signature: Buffer; readonly signed: Buffer };
  readonly clientAddress: string;
}

/** Whom this host lets in. */
export interface LoginRules {
  readonly trustedUserCa: PublicKey;
  readonly logins: readonly string[];
}

export interface AcceptedLogin {
  readonly ok: true;
  readonly login: string;
  /** Runs instead of whatever is asked for. */
  readonly forceCommand?: string;
  readonly mayUseTerminal: boolean;
}

export interface RefusedLogin {
  readonly ok: false;
  /** For the operator; the client learns only that it was refused. */
  readonly detail: string;
}

/**
 * Decides a login as a production host's sshd with `TrustedUserCAKeys` does: a user certificate of that CA, the login among
 * its principals, valid now, and, once there is a signature, made by the certified key.
 */
export function decideLogin(
  attempt: LoginAttempt,
  rules: LoginRules,
  nowMs: number,
): AcceptedLogin | RefusedLogin {
  const { login, algorithm, key, proof, clientAddress } = attempt;
  if (!rules.logins.includes(login)) return refuse(`no such login: ${JSON.stringify(login)}`);
  const certificate = certificateFrom(key);
  if ("detail" in certificate) return certificate;
  const verdict = verifyCertificate(certificate, {
    kind: "user",
    trusted: [rules.trustedUserCa],
    principal: login,
    nowMs,
    clientAddress,
    isRevoked: () => false,
  });
  if (!verdict.ok) return refuse(`${verdict.reason}: ${verdict.detail}`);
  if (proof !== undefined) {
    const { signature, signed } = proof;
    const proven = verifySignature(certificate.key, algorithm, signature, signed, verdict.signatureDemands);
    if (!proven.ok) return refuse(`${proven.reason}: ${proven.detail}`);
  }
  return {
    ok: true,
    login,
    mayUseTerminal: certificate.extensions.has("permit-pty"),
    ...(verdict.forceCommand === undefined ? {} : { forceCommand: verdict.forceCommand }),
  };
}

function certificateFrom(blob: Buffer): Certificate | RefusedLogin {
  try {
    return decodeCertificate(blob);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return refuse(`not a certificate (${error.code})`);
  }
}

function refuse(detail: string): RefusedLogin {
  return { ok: false, detail };
}
