import { LedgerError } from "./ledger-error.js";

/** Deepest nesting: far more than an entry needs, far less than a stack holds. A cycle ends here too. */
const DEPTH_MAX = 16;

/**
 * The one JSON text of a value (RFC 8785): keys sorted by UTF-16 units, no white space, numbers as ECMAScript prints
 * them. Only what I-JSON (RFC 7493) carries unchanged: plain objects, arrays, strings without lone surrogates, true,
 * false, null, and numbers that are finite, not -0, and within ±(2^53 - 1) when whole. Throws LedgerError `not-json`
 * for everything else, an `undefined` field included: nothing is left out silently.
 */
export function canonicalJson(value: unknown): string {
  return encode(value, 0);
}

function encode(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw notJson("nested too deep");
  switch (typeof value) {
    case "string":
      return encodeString(value);
    case "number":
      return encodeNumber(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? encodeArray(value, depth) : encodeObject(value, depth);
    default:
      throw notJson(`a ${typeof value}`);
  }
}

function encodeString(value: string): string {
  const text = JSON.stringify(value);
  // JSON.stringify writes half a character as \ud8xx, and nothing else that way but a backslash that was there before.
  if (text.includes("\\ud") && /\p{Surrogate}/u.test(value)) throw notJson("a string with half a character");
  return text;
}

function encodeNumber(value: number): string {
  const exact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!exact || Object.is(value, -0)) throw notJson("a number that does not survive JSON");
  return String(value);
}

function encodeArray(values: readonly unknown[], depth: number): string {
  // not map(): a hole in the array must be seen as undefined
  return `[${Array.from(values, (value) => encode(value, depth + 1)).join(",")}]`;
}

function encodeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw notJson("an object of a class");
  const source = value as Record<string, unknown>;
  const fields = Object.keys(source)
    .sort() // by UTF-16 units, as RFC 8785 wants it
    .map((key) => `${encodeString(key)}:${encode(source[key], depth + 1)}`);
  return `{${fields.join(",")}}`;
}

function notJson(what: string): LedgerError {
  return new LedgerError("not-json", `an entry holds ${what}`);
}
