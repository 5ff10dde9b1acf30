import { randomUUID } from "node:crypto";
import { cleanText, isCertificateOver, isMemberOf, lockKey, type TokenState } from "../../access/index.js";
import {
  BEARER_LIFE_MS_MAX,
  IssuerKeys,
  signBearer,
  TokenError,
  verifyBearer,
  verifyWorkload,
  type KnownWorkload,
  type SigningKey,
  type TokenErrorCode,
} from "../../tokens/index.js";
import type { DecisionContext } from "../decision-context.js";

/** Whose token, and what for. */
export interface TokenAsk {
  readonly identity: string;
  /** Of the key that it is asked for with; none for a workload. The token dies with the key. */
  readonly fingerprint?: string;
  /** The only commands that it may run; all if absent. */
  readonly commands?: readonly string[];
  /** The configured life if absent; an hour at most. */
  readonly lifeMs?: number;
}

export interface IssuedToken {
  readonly ok: true;
  /** The token itself: a secret, for its holder only. */
  readonly bearer: string;
  /** Its id, as the ledger has it. */
  readonly token: string;
  readonly identity: string;
  readonly untilMs: number;
}

/** Why there is no token, or why it is worth nothing (any more). */
export type TokenDenial =
  | "unknown-identity"
  | "locked"
  | "key-revoked"
  | "key-gone" // by that key, or by any workload, the identity could not log in now
  | "too-many" // live ones of that identity
  | "too-long"
  | "unknown-token" // well signed, but not as the ledger has it
  | TokenErrorCode;

export interface TokenRefused {
  readonly ok: false;
  readonly reason: TokenDenial;
  /** For the operator, or for the identity itself; never for a stranger. */
  readonly detail: string;
}

/** Who holds a token, as far as commands ask. */
export interface TokenHolder {
  readonly ok: true;
  readonly identity: string;
  readonly isAdmin: boolean;
  readonly isAuditor: boolean;
  readonly fingerprint?: string;
  /** The only commands that it may run; all if absent. */
  readonly commands?: readonly string[];
  readonly untilMs: number;
}

/** Robots that run in parallel each fetch one; more than this is a loop. */
export const LIVE_TOKENS_MAX = 256;
const PURPOSE = "http";

/** Makes and checks the tokens of the HTTP API. What it made is in the ledger; what it checks, it checks there. */
export class TokenDesk {
  readonly #context: DecisionContext;
  readonly #key: SigningKey;
  readonly #issuers: IssuerKeys;

  constructor(context: DecisionContext, key: SigningKey, issuers = new IssuerKeys()) {
    [this.#context, this.#key, this.#issuers] = [context, key, issuers];
  }

  /** Makes a token; it is in the ledger before anybody has it. */
  async issue(ask: TokenAsk): Promise<IssuedToken | TokenRefused> {
    const { identity, fingerprint, commands } = ask;
    const { keeper, config, clocks } = this.#context;
    const { name, tokens } = config();
    const lifeMs = ask.lifeMs ?? tokens.lifeMs;
    if (lifeMs <= 0 || lifeMs > BEARER_LIFE_MS_MAX) return refused("too-long", "an hour is the most");
    const standing = this.#standing(identity, fingerprint);
    if (standing !== undefined) return standing;
    if (this.#liveTokens(identity) >= LIVE_TOKENS_MAX) return tooMany(identity);
    const issuedAtMs = wholeSeconds(clocks.wallMs());
    const untilMs = wholeSeconds(issuedAtMs + lifeMs);
    const token = randomUUID();
    const more = { ...(commands && { commands }), ...(fingerprint !== undefined && { fingerprint }) };
    await keeper.record({ type: "token.issued", token, identity, purpose: PURPOSE, ...more, untilMs });
    const claims = { issuer: name, identity, token, issuedAtMs, untilMs, ...(commands && { commands }) };
    return { ok: true, bearer: await signBearer(this.#key, claims), token, identity, untilMs };
  }

  /** Whose token it is, if it is ours, in time, and its holder could still come by the way they came. */
  async verify(bearer: string): Promise<TokenHolder | TokenRefused> {
    const { keeper, config, clocks } = this.#context;
    const { name, policy } = config();
    try {
      const claims = await verifyBearer(this.#key, bearer, { issuer: name, nowMs: clocks.wallMs() });
      const { identity, token, untilMs, commands } = claims;
      const held = keeper.state.tokens.get(token);
      if (held === undefined || !isSame(held, { identity, untilMs, ...(commands && { commands }) }))
        return refused("unknown-token", `token ${cleanText(token, 64)} is not in the ledger`);
      const { fingerprint } = held;
      const standing = this.#standing(identity, fingerprint);
      if (standing !== undefined) return standing;
      const known = policy.identities.get(identity);
      const isIn = (groups: readonly string[]) => known !== undefined && isMemberOf(known, groups);
      return {
        ...{ ok: true, identity, isAdmin: isIn(policy.admins), isAuditor: isIn(policy.auditors) },
        untilMs,
        ...(fingerprint !== undefined && { fingerprint }),
        ...(commands && { commands }),
      };
    } catch (error) {
      return asRefusal(error);
    }
  }

  /**
   * Lets a workload in by its issuer's token, for a token of ours that ends no later than that one. That the workload was
   * identified, and what it was given, is in the ledger before it is answered.
   */
  async login(workloadToken: string): Promise<IssuedToken | TokenRefused> {
    const { keeper, config, clocks } = this.#context;
    try {
      const known = knownWorkloads(config().policy.identities.values());
      const nowMs = clocks.wallMs();
      const proven = await verifyWorkload(workloadToken, known, this.#issuers, nowMs);
      const { identity, issuer, subject, untilMs } = proven;
      const standing = this.#standing(identity, undefined);
      if (standing !== undefined) return standing;
      const lifeMs = Math.min(config().tokens.lifeMs, wholeSeconds(untilMs - nowMs));
      if (lifeMs <= 0) return refused("expired", "it ends within this second");
      if (this.#liveTokens(identity) >= LIVE_TOKENS_MAX) return tooMany(identity); // else each try leaves an entry
      const said = cleanText(subject) || "-";
      await keeper.record({ type: "workload.identified", identity, issuer, subject: said });
      return await this.issue({ identity, lifeMs });
    } catch (error) {
      return asRefusal(error);
    }
  }

  /** Why an identity could not log in by that key, or as a workload, now; undefined if it could. */
  #standing(name: string, fingerprint: string | undefined): TokenRefused | undefined {
    const { keeper, config, clocks } = this.#context;
    const { locks, revokedKeys, certificates } = keeper.state;
    const identity = config().policy.identities.get(name);
    if (identity === undefined) return refused("unknown-identity", `there is no identity ${name}`);
    const lock = locks.get(lockKey({ kind: "identity", name }));
    if (lock !== undefined) return refused("locked", `${name} is locked: ${lock.reason}`);
    const gone = refused("key-gone", `${name} could not log in that way now`);
    if (fingerprint === undefined) return identity.workloads.length === 0 ? gone : undefined;
    const revoked = revokedKeys.get(fingerprint);
    if (revoked !== undefined) return refused("key-revoked", `${fingerprint} is revoked: ${revoked.reason}`);
    if (identity.keys.some((key) => key.fingerprint === fingerprint)) return undefined;
    const nowMs = clocks.wallMs();
    const isGood = [...certificates.values()].some(
      (certificate) =>
        certificate.fingerprint === fingerprint &&
        certificate.identity === name &&
        certificate.revoked === undefined &&
        !isCertificateOver(keeper.state, certificate, nowMs) &&
        !locks.has(lockKey({ kind: "serial", name: certificate.serial })),
    );
    return isGood ? undefined : gone;
  }

  #liveTokens(identity: string): number {
    const nowMs = this.#context.clocks.wallMs();
    let live = 0;
    for (const token of this.#context.keeper.state.tokens.values())
      if (token.identity === identity && token.untilMs > nowMs) live += 1;
    return live;
  }
}

function tooMany(identity: string): TokenRefused {
  return refused("too-many", `${identity} has ${LIVE_TOKENS_MAX} live tokens`);
}

function knownWorkloads(
  identities: Iterable<{ name: string; workloads: readonly Omit<KnownWorkload, "identity">[] }>,
): readonly KnownWorkload[] {
  return [...identities].flatMap(({ name, workloads }) =>
    workloads.map((workload) => ({ ...workload, identity: name })),
  );
}

/** The ledger has the last word on what a token is; a token of a ledger that was lost is nobody's. */
function isSame(held: TokenState, claimed: Pick<TokenState, "identity" | "untilMs" | "commands">): boolean {
  const about = ({ identity, untilMs, commands }: typeof claimed) =>
    JSON.stringify([identity, untilMs, commands ?? null]);
  return held.purpose === PURPOSE && about(held) === about(claimed);
}

function asRefusal(error: unknown): TokenRefused {
  if (error instanceof TokenError) return refused(error.code, error.message);
  throw error;
}

function refused(reason: TokenDenial, detail: string): TokenRefused {
  return { ok: false, reason, detail };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
