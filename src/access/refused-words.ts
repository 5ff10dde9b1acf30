import { createHash } from "node:crypto";
import { AccessError } from "./access-error.js";
import { canonicalJson } from "./canonical-json.js";
import { object, optional, text } from "./decode.js";
import { parseText } from "./text.js";

/**
 * What somebody who was refused had asked for, as they wrote it (`cleanText`), and why it was no good. It is theirs to have
 * mistyped: a password where a name was meant, for one. So an entry has its salted hash only.
 */
export interface RefusedWords {
  readonly detail: string;
  readonly target?: string;
  readonly login?: string;
}

/** As many bytes as the hash has: without the salt nothing can be told from it, not by trying all words there are. */
export const SALT_BYTES = 32;

/** Lower-case hex SHA-256 over the salt, then the words as canonical JSON in UTF-8. */
export function refusedWordsHash(salt: Buffer, words: RefusedWords): string {
  return createHash("sha256").update(salt).update(canonicalJson(words)).digest("hex");
}

/** A line of `home/salts`, without its newline. */
export function encodeSaltedWords(salt: Buffer, words: RefusedWords): string {
  return JSON.stringify({ salt: salt.toString("hex"), words });
}

/** The words of such a line and what their hash is; undefined for what is none, as a crash or an editor may leave it. */
export function parseSaltedWords(
  line: string,
): { readonly hash: string; readonly words: RefusedWords } | undefined {
  try {
    const { salt, words } = decodeLine(JSON.parse(line), "salts");
    return { hash: refusedWordsHash(Buffer.from(salt, "hex"), words), words };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof AccessError) return undefined;
    throw error;
  }
}

const SALT = /^[0-9a-f]{64}$/u;

const cleaned = text(parseText);
const decodeLine = object<{ salt: string; words: RefusedWords }>({
  salt: text((value, path) => {
    if (!SALT.test(value)) throw new AccessError("bad-value", path, "must be 32 bytes in lower-case hex");
    return value;
  }),
  words: object<RefusedWords>({ detail: cleaned, target: optional(cleaned), login: optional(cleaned) }),
});
