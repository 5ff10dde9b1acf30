import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from "jose";
import type { KeyObject } from "node:crypto";
import { TokenError, type TokenErrorCode } from "./token-error.js";

/** Verifies signature and standard claims (RFC 7519) as `options` demand. Throws TokenError, nothing else. */
export async function verifyClaims(
  token: string,
  key: KeyObject | JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<{ readonly claims: JWTPayload }> {
  try {
    const { payload } =
      typeof key === "function" ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
    return { claims: payload };
  } catch (error) {
    if (error instanceof TokenError) throw error; // from the one who looks for the key
    throw new TokenError(codeOf(error), error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

function codeOf(error: unknown): TokenErrorCode {
  if (error instanceof errors.JWTExpired) return "expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return (error.reason === "check_failed" ? ofClaim[error.claim] : undefined) ?? "wrong-claims";
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported)
    return "wrong-kind";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "wrong-signature";
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return "no-key";
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return "malformed";
  // What is left comes from fetching keys, or from keys of a kind that the algorithm cannot use.
  return "issuer-unreachable";
}

const ofClaim: Readonly<Partial<Record<string, TokenErrorCode>>> = {
  typ: "wrong-kind",
  iss: "wrong-issuer",
  aud: "wrong-audience",
  nbf: "not-yet-valid",
};
