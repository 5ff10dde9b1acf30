import { decodeCompactJws } from "./compact-jws.js";
import type { IssuerKeys } from "./issuer-keys.js";
import { TokenError } from "./token-error.js";
import { verifyClaims } from "./verify-claims.js";

/** A workload that policy takes for an identity. */
export interface KnownWorkload {
  readonly identity: string;
  readonly issuer: string;
  readonly audience: string;
  /** Each claim must have exactly this value. */
  readonly claims: Readonly<Record<string, string>>;
}

export interface ProvenWorkload {
  readonly identity: string;
  readonly issuer: string;
  /** As the issuer wrote it, any text. */
  readonly subject: string;
  readonly untilMs: number;
}

/** Signatures by a key that only the issuer has. HMAC is none, and `none` even less. */
const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** Identity tokens (no type, or the plain one) and access tokens (RFC 9068); no logout token, no proof of possession. */
const TYPES: readonly unknown[] = [undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"];
/** Tokens with many groups reach some KiB. */
const WORKLOAD_CHARS_MAX = 16 * 1024;
/** How far an issuer's clock may be from ours. */
const SKEW_SECONDS = 30;

/**
 * Proves by its issuer's keys whom a token vouches for: signature, issuer, times, audience, and every claim that policy
 * expects. An issuer that is not among `known` is not asked anything. Throws TokenError; `ambiguous` when the token fits
 * several identities.
 */
export async function verifyWorkload(
  text: string,
  known: readonly KnownWorkload[],
  keys: IssuerKeys,
  nowMs: number,
): Promise<ProvenWorkload> {
  const unverified = decodeCompactJws(text, WORKLOAD_CHARS_MAX);
  const { alg, typ } = unverified.header;
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg) || !TYPES.includes(typ))
    throw new TokenError("wrong-kind", "its algorithm or type is not one that identifies a workload");
  const ofIssuer = known.filter(({ issuer }) => issuer === unverified.claims["iss"]);
  const issuer = ofIssuer[0]?.issuer;
  if (issuer === undefined) throw new TokenError("wrong-issuer", "policy names no such issuer");
  const { claims } = await verifyClaims(text, await keys.of(issuer), {
    algorithms: ALGORITHMS,
    issuer,
    audience: [...new Set(ofIssuer.map(({ audience }) => audience))],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(nowMs),
    requiredClaims: ["sub", "exp", "iat"],
  });
  const fitting = ofIssuer.filter((workload) => fits(workload, claims));
  const identities = [...new Set(fitting.map(({ identity }) => identity))];
  const [identity] = identities;
  if (identity === undefined) throw new TokenError("wrong-claims", "its claims are no identity's");
  if (identities.length > 1) throw new TokenError("ambiguous", `it could be any of ${identities.join(", ")}`);
  return { identity, issuer, subject: claims.sub ?? "", untilMs: (claims.exp ?? 0) * 1000 };
}

/** A workload of an empty set of claims fits nobody: it would fit everybody of its issuer. */
function fits({ audience, claims }: KnownWorkload, token: Readonly<Record<string, unknown>>): boolean {
  const audiences: unknown = token["aud"];
  const isForUs = Array.isArray(audiences) ? audiences.includes(audience) : audiences === audience;
  const wanted = Object.entries(claims);
  return isForUs && wanted.length > 0 && wanted.every(([name, value]) => isEqual(token, name, value));
}

/** Texts are equal by their characters, yes and no by their words; anything else is equal to nothing. */
function isEqual(token: Readonly<Record<string, unknown>>, name: string, value: string): boolean {
  const claimed = Object.hasOwn(token, name) ? token[name] : undefined;
  return typeof claimed === "boolean" ? String(claimed) === value : claimed === value;
}
