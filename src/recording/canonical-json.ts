import { RecordingError } from "./recording-error.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** JSON as this format writes it: UTF-8, no white space, the members in the order that the object has them. */
export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), "utf8");
}

/**
 * Reads JSON strictly: `build` makes the value, member by member in the format's order, and that must encode to the
 * same bytes again. So duplicate and unknown members, another order, white space and other spellings are all refused.
 * @throws RecordingError with `code`
 */
export function decodeJson<T>(
  bytes: Buffer,
  code: "header-invalid" | "substitute-invalid",
  build: (json: Json) => T,
): T {
  let value: T;
  try {
    value = build(new Json(JSON.parse(utf8.decode(bytes)), "$"));
  } catch (cause) {
    throw new RecordingError(code, `malformed: ${cause instanceof Error ? cause.message : "not JSON"}`, {
      cause,
    });
  }
  if (!encodeJson(value).equals(bytes)) throw new RecordingError(code, "JSON that is not written as v1 says");
  return value;
}

/** Longest text in a header; a reason given by a person fits. */
const textCharactersMax = 4096;
/** Approvers or auditors of one session. */
const itemsMax = 256;
/** Deepest nesting of what a statement holds: far more than any needs, far less than a stack holds. */
const depthMax = 16;

/** A parsed value of unknown shape, with its path, taken apart by saying what is expected. Throws plain Errors. */
export class Json {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  /** The value as it is, unless it is nested too deep to be written again. */
  any(): unknown {
    if (isTooDeep(this.#value)) throw this.#unlike(`nested at most ${depthMax} deep`);
    return this.#value;
  }

  get present(): boolean {
    return this.#value !== undefined;
  }

  member(name: string): Json {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#unlike("an object");
    return new Json(
      Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined,
      `${this.#path}.${name}`,
    );
  }

  items(): Json[] {
    const value = this.#value;
    if (!Array.isArray(value) || value.length > itemsMax) throw this.#unlike(`a list of at most ${itemsMax}`);
    return value.map((item, index) => new Json(item, `${this.#path}[${index}]`));
  }

  /** Text, of one of the given forms if any are given. */
  text(form?: RegExp): string {
    const value = this.#value;
    if (typeof value !== "string" || value.length > textCharactersMax || form?.test(value) === false)
      throw this.#unlike(form === undefined ? "text" : `text like ${form.source}`);
    return value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
      throw this.#unlike("a whole number");
    return value;
  }

  #unlike(expected: string): Error {
    return new Error(`${this.#path} is not ${expected}`);
  }
}

/** Whether a value that was parsed cannot be trusted to be written again: `JSON.stringify` calls itself for each level. */
export function isTooDeep(value: unknown, most = depthMax): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => isTooDeep(inner, most - 1));
}
