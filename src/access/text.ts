import { AccessError } from "./access-error.js";

/** Longest reason or detail, in UTF-16 units and in UTF-8 bytes: two of them still fit into one ledger entry of 4 KiB. */
export const TEXT_CHARS_MAX = 1000;
export const TEXT_BYTES_MAX = 2000;

/**
 * Control characters, lone surrogates, line separators, and the invisible format characters (direction overrides, tags)
 * that make a text read as another; the two joiners that ordinary scripts and emoji need are let through.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const UNSAFE_EVERY = new RegExp(UNSAFE, "gu");

/**
 * A person's reason or an operator's detail: one line that is safe on any terminal, TEXT_CHARS_MAX at most, not blank.
 * Throws AccessError `bad-text` or `too-long`.
 */
export function parseReason(value: string, path = "reason"): string {
  if (value.trim() === "") throw new AccessError("bad-text", path, "must not be empty");
  return parseText(value, path);
}

/** The same, but may be empty. */
export function parseText(value: string, path = "text"): string {
  if (value.length > TEXT_CHARS_MAX || Buffer.byteLength(value) > TEXT_BYTES_MAX) {
    throw new AccessError(
      "too-long",
      path,
      `must be at most ${TEXT_CHARS_MAX} characters and ${TEXT_BYTES_MAX} bytes`,
    );
  }
  if (UNSAFE.test(value)) {
    throw new AccessError("bad-text", path, "must be one line without control or invisible characters");
  }
  return value;
}

/** Longest that `cleanText` makes: 3 bytes for each UTF-16 unit still are TEXT_BYTES_MAX at most. */
const CLEAN_CHARS_MAX = 666;

/**
 * Makes any text fit to be kept and shown: each unsafe character becomes U+FFFD, and what is longer than `charsMax`
 * (itself at most CLEAN_CHARS_MAX) is cut with an ellipsis. For what a stranger sent (a user name, a target), where
 * refusing the record would lose the evidence.
 */
export function cleanText(value: string, charsMax = 255): string {
  const most = Math.min(charsMax, CLEAN_CHARS_MAX);
  const cut = value.length <= most ? value : `${value.slice(0, most - 1)}…`;
  return cut.replace(UNSAFE_EVERY, "\ufffd"); // also the half of a character that the cut may have left
}
