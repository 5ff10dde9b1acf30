/**
 * tokens: signed tokens in compact form (RFC 7515, RFC 7519). The bearer tokens that the bastion makes for its HTTP API,
 * and the identity tokens by which OIDC issuers vouch for a workload. Everything is decided from the token, a key, a time
 * and what the caller says is expected.
 *
 * Must never: let a token choose its algorithm, key or issuer, fetch from anywhere that the policy does not name, follow
 * a redirect, or say who may do what: a verified token proves who speaks, and control asks the state about the rest.
 */
export { BEARER_LIFE_MS_MAX, signBearer, verifyBearer, type BearerClaims } from "./bearer.js";
export { encodeSigningKey, generateSigningKey, parseSigningKey, type SigningKey } from "./signing-key.js";
export { TokenError, type TokenErrorCode } from "./token-error.js";
export { IssuerKeys, type IssuerKeysOptions } from "./issuer-keys.js";
export { verifyWorkload, type KnownWorkload, type ProvenWorkload } from "./workload.js";
