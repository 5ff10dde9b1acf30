import { AccessError } from "./access-error.js";

export type GrantId = string & { readonly __id: "grt" };
export type SessionId = string & { readonly __id: "ses" };
export type HoldId = string & { readonly __id: "hld" };
export type OverrideId = string & { readonly __id: "ovr" };
export type RequestId = string & { readonly __id: "req" };
export type RedactionId = string & { readonly __id: "red" };

interface IdByPrefix {
  readonly grt: GrantId;
  readonly ses: SessionId;
  readonly req: RequestId;
  readonly hld: HoldId;
  readonly ovr: OverrideId;
  readonly red: RedactionId;
}
export type IdPrefix = keyof IdByPrefix;

/** Crockford's base32, lower case: no i, l, o, u, so that an id survives being read aloud. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** 60 bits: among a million ids a collision has a chance of 1 in 2 million; still short enough to type. */
const ID_CHARS = 12;

/** How much randomness `newId` takes. */
export const ID_RANDOM_BYTES = 8;

const ID = /^(grt|ses|req|hld|ovr|red)-[0-9a-hjkmnp-tv-z]{12}$/;

/** A new id such as `ses-0f3k…` from ID_RANDOM_BYTES random bytes. Throws TypeError for any other number of bytes. */
export function newId<P extends IdPrefix>(prefix: P, random: Buffer): IdByPrefix[P] {
  if (random.length !== ID_RANDOM_BYTES) throw new TypeError(`newId takes ${ID_RANDOM_BYTES} random bytes`);
  let bits = random.readBigUInt64BE();
  let id = "";
  for (let index = 0; index < ID_CHARS; index += 1, bits >>= 5n) id += ALPHABET.charAt(Number(bits & 31n));
  return `${prefix}-${id}` as IdByPrefix[P];
}

/** A whole id of one kind. Throws AccessError `bad-id`. */
export function parseId<P extends IdPrefix>(prefix: P, value: string, path = "id"): IdByPrefix[P] {
  if (ID.exec(value)?.[1] !== prefix)
    throw new AccessError("bad-id", path, `must be a whole id, ${prefix}-…`);
  return value as IdByPrefix[P];
}

/** What a shortened id stands for. `candidates` are some of several, in the order given, enough to show. */
export type IdMatch<T extends string> =
  | { readonly kind: "unique"; readonly id: T }
  | { readonly kind: "none" }
  | { readonly kind: "several"; readonly candidates: readonly T[] };

/** How many candidates an ambiguous prefix names. */
const CANDIDATES_MAX = 8;

/**
 * Finds the id that `prefix` begins (`ses-0f3`, or only `0f3`). A whole id always wins; an empty text matches nothing.
 */
export function matchId<T extends string>(prefix: string, ids: Iterable<T>): IdMatch<T> {
  const bare = prefix.replace(/^(grt|ses|req|hld|ovr|red)-/, "");
  if (bare === "") return { kind: "none" };
  const candidates: T[] = [];
  for (const id of ids) {
    if (id === prefix) return { kind: "unique", id };
    const begins = bare === prefix ? id.slice(id.indexOf("-") + 1).startsWith(bare) : id.startsWith(prefix);
    if (begins && candidates.length < CANDIDATES_MAX) candidates.push(id);
  }
  const [first] = candidates;
  if (first === undefined) return { kind: "none" };
  return candidates.length === 1 ? { kind: "unique", id: first } : { kind: "several", candidates };
}
