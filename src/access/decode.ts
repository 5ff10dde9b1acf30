import { AccessError } from "./access-error.js";

/** Turns an untrusted JSON value into a T, or throws AccessError naming `path`. */
export type Decode<T> = (value: unknown, path: string) => T;

interface Optional<T> {
  readonly optional: Decode<T>;
}

/** One decoder for each field of T; a field that T has as optional must be said to be so. */
export type Fields<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<NonNullable<T[K]>> : Decode<T[K]>;
};

/** Marks a field that may be absent. It may not be there as `null`. */
export function optional<T>(decode: Decode<T>): Optional<T> {
  return { optional: decode };
}

/** An object with exactly these fields: an unknown one is an error, so nothing passes that nobody reads. */
export function object<T extends object>(fields: Fields<T>): Decode<T> {
  const known = Object.entries<Decode<unknown> | Optional<unknown>>(fields);
  return (value, path) => {
    const source = asRecord(value, path);
    const result: Record<string, unknown> = {};
    let found = 0;
    for (const [name, field] of known) {
      const fieldPath = `${path}.${name}`;
      if (!Object.hasOwn(source, name)) {
        if (typeof field === "function") throw new AccessError("missing-field", fieldPath, "is required");
        continue;
      }
      found += 1;
      const decode = typeof field === "function" ? field : field.optional;
      result[name] = decode(source[name], fieldPath);
    }
    if (found !== Object.keys(source).length) throw unknownField(source, fields, path);
    return result as T;
  };
}

/** A value that is an object and not an array or null. */
export function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AccessError("wrong-type", path, "must be an object");
  }
  return value as Record<string, unknown>;
}

function unknownField(source: object, fields: object, path: string): AccessError {
  const name = Object.keys(source).find((key) => !Object.hasOwn(fields, key)) ?? "";
  return new AccessError("unknown-field", `${path}.${JSON.stringify(name).slice(0, 80)}`, "is not known");
}

/** A string that `parse` accepts; `parse` throws AccessError. */
export function text<T extends string>(parse: (value: string, path: string) => T): Decode<T> {
  return (value, path) => {
    if (typeof value !== "string") throw new AccessError("wrong-type", path, "must be a string");
    return parse(value, path);
  };
}

/** One of a closed list of strings. */
export function oneOf<const T extends string>(choices: readonly T[]): Decode<T> {
  const known: ReadonlySet<string> = new Set(choices);
  return (value, path) => {
    if (typeof value !== "string") throw new AccessError("wrong-type", path, "must be a string");
    if (!known.has(value)) throw new AccessError("bad-value", path, `must be one of ${choices.join(", ")}`);
    return value as T;
  };
}

/** A list of at most `countMax` values. */
export function list<T>(decode: Decode<T>, countMax: number): Decode<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new AccessError("wrong-type", path, "must be a list");
    if (value.length > countMax)
      throw new AccessError("too-long", path, `must have at most ${countMax} entries`);
    return value.map((entry, index) => decode(entry, `${path}[${index}]`));
  };
}

/** A whole number from 0 to 2^53 - 1: counts, bytes and wall-clock milliseconds. */
export const count: Decode<number> = (value, path) => {
  if (typeof value !== "number") throw new AccessError("wrong-type", path, "must be a number");
  if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
    throw new AccessError("bad-value", path, "must be a whole number, not negative");
  }
  return value;
};

export const boolean: Decode<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new AccessError("wrong-type", path, "must be true or false");
  return value;
};

/** An object whose field `tag` says which of several it is. */
export function tagged<T extends object>(
  tag: string,
  variants: Readonly<Record<string, Decode<T>>>,
): Decode<T> {
  return (value, path) => {
    const kind = asRecord(value, path)[tag];
    const decode = typeof kind === "string" && Object.hasOwn(variants, kind) ? variants[kind] : undefined;
    if (decode === undefined)
      throw new AccessError(
        "bad-value",
        `${path}.${tag}`,
        `must be one of ${Object.keys(variants).join(", ")}`,
      );
    return decode(value, path);
  };
}
