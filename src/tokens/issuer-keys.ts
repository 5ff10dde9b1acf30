import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { fetchJson, FETCH_WITHIN_MS, isLoopback } from "./bounded-fetch.js";
import { TokenError } from "./token-error.js";

export interface IssuerKeysOptions {
  /** Soonest that a key that is not there makes us look again. */
  readonly cooldownMs?: number;
}

interface Known {
  readonly key: JWTVerifyGetKey;
  readonly untilMs: number;
}

/** A key that was taken back is accepted for this long at most. */
const KEYS_LIFE_MS = 10 * 60 * 1000;
const DISCOVERY_LIFE_MS = 60 * 60 * 1000;
/** A stranger's tokens must not make us knock at an issuer more often than this. */
const COOLDOWN_MS = 30_000;

/**
 * The keys of OIDC issuers, found through their discovery documents (OpenID Connect Discovery section 4) and kept for a
 * while. Whoever asks has made sure that policy names the issuer: nothing else is ever fetched.
 */
export class IssuerKeys {
  readonly #known = new Map<string, Known>();
  readonly #finding = new Map<string, Promise<Known>>();
  readonly #failed = new Map<string, { readonly untilMs: number; readonly error: TokenError }>();
  readonly #cooldownMs: number;

  constructor({ cooldownMs = COOLDOWN_MS }: IssuerKeysOptions = {}) {
    this.#cooldownMs = cooldownMs;
  }

  /** What finds the key for a token's header. Rejects with TokenError `issuer-unreachable`. */
  async of(issuer: string): Promise<JWTVerifyGetKey> {
    const nowMs = performance.now();
    const known = this.#known.get(issuer);
    if (known !== undefined && nowMs < known.untilMs) return known.key;
    const failed = this.#failed.get(issuer);
    if (failed !== undefined && nowMs < failed.untilMs) throw failed.error;
    const finding = this.#finding.get(issuer) ?? this.#find(issuer);
    this.#finding.set(issuer, finding);
    return (await finding).key;
  }

  async #find(issuer: string): Promise<Known> {
    try {
      const key = this.#keySet(issuer, await discover(issuer));
      const known = { key, untilMs: performance.now() + DISCOVERY_LIFE_MS };
      this.#known.set(issuer, known);
      return known;
    } catch (error) {
      throw this.#rest(issuer, error);
    } finally {
      this.#finding.delete(issuer);
    }
  }

  #keySet(issuer: string, address: string): JWTVerifyGetKey {
    const fetched = async (url: string) => {
      try {
        return Response.json(await fetchJson(url, isLocal(issuer)));
      } catch (error) {
        this.#known.delete(issuer);
        throw this.#rest(issuer, error);
      }
    };
    return createRemoteJWKSet(new URL(address), {
      timeoutDuration: FETCH_WITHIN_MS,
      cooldownDuration: this.#cooldownMs,
      cacheMaxAge: KEYS_LIFE_MS,
      [customFetch]: fetched,
    });
  }

  /** An issuer that does not answer is left alone for a while. */
  #rest(issuer: string, cause: unknown): TokenError {
    const error =
      cause instanceof TokenError ? cause : new TokenError("issuer-unreachable", String(cause), { cause });
    this.#failed.set(issuer, { untilMs: performance.now() + this.#cooldownMs, error });
    return error;
  }
}

/** Address of the issuer's keys, from a document that says it is that very issuer's. */
async function discover(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const document = (await fetchJson(address, isLocal(issuer))) as Record<string, unknown> | null;
  if (typeof document !== "object" || document?.["issuer"] !== issuer)
    throw new TokenError("issuer-unreachable", "its discovery document is another issuer's");
  const keys = document["jwks_uri"];
  if (typeof keys !== "string" || !URL.canParse(keys))
    throw new TokenError("issuer-unreachable", "its discovery document names no keys");
  return keys;
}

/** An issuer on this machine may be spoken to, and may send us, without TLS; no other may send us to this machine so. */
function isLocal(issuer: string): boolean {
  const { protocol, hostname } = new URL(issuer);
  return protocol === "http:" && isLoopback(hostname);
}
