import { z } from "zod";
import {
  DURATION,
  DURATION_EXPECTED,
  parseDuration,
  type HostPort,
  HOST_PORT_EXPECTED,
  parseHostPort,
} from "../wording/index.js";
import { AccessError, parseLogin, parseName, parseNetwork } from "../access/index.js";
import { parseSize, SIZE, SIZE_EXPECTED } from "./size.js";

// Single values of the configuration. Each says what it expects in words that fit after "expected".

/** A text, and what a `parse` makes of it: undefined or an exception mean that it is not what was expected. */
export function parsed<T>(expected: string, parse: (text: string) => T | undefined, pattern?: RegExp) {
  const shaped = z.string({ error: expecting(expected) });
  const text = pattern === undefined ? shaped : shaped.regex(pattern, { error: expecting(expected) });
  return text.transform((value, context): T => {
    const { result, reason } = attempt(parse, value);
    if (result !== undefined) return result;
    context.issues.push({ code: "custom", input: value, message: `expected ${expected}${reason}` });
    return z.NEVER;
  });
}

function attempt<T>(
  parse: (text: string) => T | undefined,
  value: string,
): { result?: T | undefined; reason: string } {
  try {
    return { result: parse(value), reason: "" };
  } catch (error) {
    // Our own parsers' messages, which do not repeat what they refuse. AccessError's only say "expected" once more.
    const reason = error instanceof Error && !(error instanceof AccessError) ? ` (${error.message})` : "";
    return { reason };
  }
}

/** "is missing; …" where there is nothing at all. */
export function expecting(expected: string) {
  return ({ input }: { readonly input?: unknown }): string =>
    input === undefined ? `is missing; expected ${expected}` : `expected ${expected}`;
}

const NAME_EXPECTED = "a name of a-z 0-9 . _ - that begins with a letter or digit, at most 63 characters";

/** An identity's, target's, role's or group's name. */
export const name = parsed(NAME_EXPECTED, (text) => parseName(text), /^[a-z0-9][a-z0-9._-]{0,62}$/);

export const login = parsed(
  "a login of a-z 0-9 . _ - that begins with a letter, digit or _",
  (text) => parseLogin(text),
  /^[a-z0-9_][a-z0-9._-]{0,62}$/,
);

export const network = parsed("an IP address or a network such as 10.0.0.0/8", (text) => parseNetwork(text));

/** The name of a host key certificate's principal: a host name, in lower case as clients look it up. */
export const hostName = parsed(
  "a host name in lower case",
  (text) => text,
  /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63}){0,8}$/,
);

export const path = parsed("a path", (text) => (text.includes("\0") ? undefined : text), /./);

export const environmentName = parsed(
  "a variable's name, which may end in *",
  (text) => text,
  /^[A-Za-z_][A-Za-z0-9_]{0,62}\*?$/,
);

/** A regular expression; as in the file, it is not anchored by itself. */
export const pattern = parsed(
  String.raw`a regular expression such as '^INC-\d+$'`,
  (text) => new RegExp(text, "u"),
);

export const nameGlob = parsed(
  "a target's name, * standing for any characters",
  (text) => text,
  /^[a-z0-9*?][a-z0-9._*?-]{0,62}$/,
);

export const labelName = parsed("a label's name", (text) => text, /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/);
export const labelValue = parsed(
  "a label's value, as text",
  (text) => text,
  /^[A-Za-z0-9][A-Za-z0-9._/@:-]{0,62}$/,
);

/** Milliseconds, within `min`..`max` as written. */
export function duration(min: string, max: string) {
  const minMs = parseDuration(min) ?? 0;
  const maxMs = parseDuration(max) ?? 0;
  const within = (ms: number | undefined) =>
    ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
  return parsed(
    `${DURATION_EXPECTED}, from ${min} to ${max}`,
    (text) => within(parseDuration(text)),
    DURATION,
  );
}

/** Bytes, within `min`..`max` as written. */
export function size(min: string, max: string) {
  const minBytes = parseSize(min) ?? 0;
  const maxBytes = parseSize(max) ?? 0;
  const within = (bytes: number | undefined) =>
    bytes !== undefined && bytes >= minBytes && bytes <= maxBytes ? bytes : undefined;
  return parsed(`${SIZE_EXPECTED}, from ${min} to ${max}`, (text) => within(parseSize(text)), SIZE);
}

/** Where to connect to: a port 0 is no place. */
export const address = parsed(HOST_PORT_EXPECTED, (text): HostPort | undefined => {
  const found = parseHostPort(text);
  return found?.port === 0 ? undefined : found;
});

/** Where to listen: port 0 picks a free one. */
export const listenAddress = parsed(HOST_PORT_EXPECTED, parseHostPort);

export function whole(min: number, max: number, expected = `a whole number from ${min} to ${max}`) {
  return z
    .int({ error: expecting(expected) })
    .min(min, { error: expecting(expected) })
    .max(max, { error: expecting(expected) });
}

export function oneOf<const T extends readonly [string, ...string[]]>(choices: T) {
  return z.enum(choices, { error: expecting(choices.join(" or ")) });
}

export function list<T extends z.ZodType>(item: T, expected: string) {
  return z.array(item, { error: expecting(`a list of ${expected}`) });
}

/** A list with at least one entry. */
export function some<T extends z.ZodType>(item: T, expected: string) {
  return list(item, expected).min(1, { error: `expected at least one of ${expected}` });
}

/** Values by name. A bad name does not hide what is wrong with its value, nor the other way round. */
export function map<T extends z.ZodType>(key: z.ZodType<string, string>, value: T, expected: string) {
  const record = z.record(z.string(), value, { error: expecting(`a map of ${expected}`) });
  return record.superRefine(
    (values, context) => {
      for (const name of Object.keys(values)) {
        const message = key.safeParse(name).error?.issues[0]?.message;
        if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
      }
    },
    { when: ({ value: values }) => isObject(values) },
  );
}

/** Exactly these keys. */
export function section<T extends z.ZodRawShape>(shape: T) {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, { error: expecting(`a map with ${names}`) });
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
