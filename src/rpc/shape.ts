/** A strict description of a JSON value: what it accepts, it accepts whole; anything else is a `ShapeError`. */
export type Shape<T> = (value: unknown, path: string) => T;

export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

const wrong = (path: string, expected: string): never => {
  throw new ShapeError(`${path}: expected ${expected}`);
};

/** Text of at most `max` UTF-16 units. */
export const text =
  (max: number): Shape<string> =>
  (value, path) =>
    typeof value === "string" && value.length <= max
      ? value
      : wrong(path, `text of at most ${max} characters`);

export const integer: Shape<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : wrong(path, "a non-negative integer");

export const boolean: Shape<boolean> = (value, path) =>
  typeof value === "boolean" ? value : wrong(path, "true or false");

export const oneOf =
  <const T extends string>(...values: T[]): Shape<T> =>
  (value, path) =>
    values.find((candidate) => candidate === value) ?? wrong(path, values.join(" or "));

export const list =
  <T>(item: Shape<T>, max: number): Shape<T[]> =>
  (value, path) =>
    Array.isArray(value) && value.length <= max
      ? value.map((entry, index) => item(entry, `${path}[${index}]`))
      : wrong(path, `a list of at most ${max}`);

/** An object with exactly these keys. */
export const object =
  <T extends object>(fields: { [K in keyof T]: Shape<T[K]> }): Shape<T> =>
  (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong(path, "an object");
    const known = Object.keys(fields) as (keyof T & string)[];
    for (const key of Object.keys(value))
      if (!Object.hasOwn(fields, key)) wrong(`${path}.${key}`, "no such field");
    const input = value as Record<string, unknown>;
    return Object.fromEntries(known.map((key) => [key, fields[key](input[key], `${path}.${key}`)])) as T;
  };

/** The first alternative whose `tag` field has the value that the input has. */
export const tagged =
  <T>(tag: string, alternatives: readonly (readonly [unknown, Shape<T>])[]): Shape<T> =>
  (value, path) => {
    const found = (value as Record<string, unknown> | null)?.[tag];
    const alternative = alternatives.find(([expected]) => expected === found);
    return alternative ? alternative[1](value, path) : wrong(`${path}.${tag}`, "a known kind");
  };

export const literal =
  <const T extends string | boolean>(expected: T): Shape<T> =>
  (value, path) =>
    value === expected ? expected : wrong(path, String(expected));
