import { SignJWT } from "jose";
import { decodeCompactJws } from "./compact-jws.js";
import type { SigningKey } from "./signing-key.js";
import { TokenError } from "./token-error.js";
import { verifyClaims } from "./verify-claims.js";

/** What a bearer token says. Times are whole seconds' worth of milliseconds. */
export interface BearerClaims {
  /** Name of the bastion that made it. */
  readonly issuer: string;
  readonly identity: string;
  /** Its id, `jti`. */
  readonly token: string;
  readonly issuedAtMs: number;
  readonly untilMs: number;
  /** The only commands that it may run; all if absent. */
  readonly commands?: readonly string[];
}

/** A token that leaks is of use for an hour at most. */
export const BEARER_LIFE_MS_MAX = 60 * 60 * 1000;

const ALGORITHM = "ES256";
/** Says what it is, so that no other token can be taken for one (RFC 8725 section 3.11). */
const TYPE = "bascule+jwt";
const AUDIENCE = "bascule-http";
/** The longest list of commands fits twice. */
const BEARER_CHARS_MAX = 4096;

/** Writes a token as a compact JWS. */
export function signBearer({ privateKey }: SigningKey, claims: BearerClaims): Promise<string> {
  const { issuer, identity, token, issuedAtMs, untilMs, commands } = claims;
  return new SignJWT(commands === undefined ? {} : { cmd: commands })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
    .setIssuer(issuer)
    .setSubject(identity)
    .setAudience(AUDIENCE)
    .setJti(token)
    .setIssuedAt(issuedAtMs / 1000)
    .setNotBefore(issuedAtMs / 1000)
    .setExpirationTime(untilMs / 1000)
    .sign(privateKey);
}

/**
 * Proves that `issuer` made the token for its HTTP API and that it is in time; no clock but ours is in play, so there is
 * no leeway. Throws TokenError.
 */
export async function verifyBearer(
  { publicKey }: SigningKey,
  text: string,
  { issuer, nowMs }: { readonly issuer: string; readonly nowMs: number },
): Promise<BearerClaims> {
  decodeCompactJws(text, BEARER_CHARS_MAX);
  const { claims } = await verifyClaims(text, publicKey, {
    algorithms: [ALGORITHM],
    typ: TYPE,
    issuer,
    audience: AUDIENCE,
    currentDate: new Date(nowMs),
    requiredClaims: ["sub", "jti", "iat", "nbf", "exp"],
  });
  const { sub = "", jti = "", iat = 0, exp = 0, cmd } = claims;
  if (exp - iat > BEARER_LIFE_MS_MAX / 1000 || (cmd !== undefined && !isTexts(cmd)))
    throw new TokenError("wrong-claims", "it lives too long, or its commands are no list");
  const times = { issuedAtMs: iat * 1000, untilMs: exp * 1000 };
  return { issuer, identity: sub, token: jti, ...times, ...(cmd !== undefined && { commands: cmd }) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
