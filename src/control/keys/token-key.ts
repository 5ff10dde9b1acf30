import { readFileSync, writeFileSync } from "node:fs";
import {
  encodeSigningKey,
  generateSigningKey,
  parseSigningKey,
  TokenError,
  type SigningKey,
} from "../../tokens/index.js";
import { ControlError } from "../control-error.js";
import { checkSecretFile, isThere, type HomePaths } from "../../home/index.js";
import type { ControlLog } from "../log.js";

/** Makes the key that signs bearer tokens, for its owner only; leaves one that is there. Says whether it made one. */
export function makeTokenKey({ tokenKey }: HomePaths): boolean {
  if (isThere(tokenKey)) return false;
  writeFileSync(tokenKey, encodeSigningKey(generateSigningKey()), { mode: 0o600, flag: "wx" });
  return true;
}

/**
 * Reads that key, and makes it in a home of before there were tokens: whoever could plant one there already owns the
 * home. Throws HomeError `key-open`, `home-foreign`, ControlError `key-invalid`.
 */
export function openTokenKey(paths: HomePaths, log: ControlLog): SigningKey {
  const { tokenKey } = paths;
  if (makeTokenKey(paths)) log.info({ path: tokenKey }, "key for bearer tokens made");
  checkSecretFile(tokenKey);
  try {
    return parseSigningKey(readFileSync(tokenKey, "utf8"));
  } catch (cause) {
    if (!(cause instanceof TokenError)) throw cause;
    throw new ControlError("key-invalid", `${tokenKey}: ${cause.message}`, { cause });
  }
}
