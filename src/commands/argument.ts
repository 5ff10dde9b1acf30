import { parseDuration } from "../wording/index.js";
import {
  AccessError,
  parseFingerprint,
  parseLogin,
  parseName,
  parseReason,
  parseSerial,
  REQUEST_TEXT_CHARS_MAX,
} from "../access/index.js";
import { CommandError, usage } from "./command-error.js";

/** One argument of a command: how it is written, what it is for, and what its text stands for. */
export interface Argument<T> {
  /** `flag` takes no value; `list` may be given several times; `text` may be several words where nobody quotes. */
  readonly kind: "value" | "text" | "list" | "flag";
  readonly required: boolean;
  /** How help writes the value: `NAME`, `30m`. */
  readonly placeholder: string;
  readonly summary: string;
  /** The value names a file; a local client reads it and sends what is in it. */
  readonly fromFile: boolean;
  /** From the given texts, of which there is one unless `kind` says otherwise. Throws CommandError `usage`. */
  parse(texts: readonly string[], name: string): T;
}

/** Longest text of one argument: a certificate line fits. */
const ARGUMENT_CHARS_MAX = 64 * 1024;

type Parse<T> = (text: string, name: string) => T;

interface About {
  readonly placeholder: string;
  readonly summary: string;
}

/** An argument that must be there. */
export function required<T>(parse: Parse<T>, { placeholder, summary }: About): Argument<T> {
  return {
    ...{ kind: "value", required: true, placeholder, summary, fromFile: false },
    parse: ([text = ""], name) => parse(bounded(text, name), name),
  };
}

/** An argument that may be left out. */
export function optional<T>(parse: Parse<T>, { placeholder, summary }: About): Argument<T | undefined> {
  return {
    ...{ kind: "value", required: false, placeholder, summary, fromFile: false },
    parse: ([text], name) => (text === undefined ? undefined : parse(bounded(text, name), name)),
  };
}

/** A sentence rather than a word. */
export function inWords<T>(argument: Argument<T>): Argument<T> {
  return { ...argument, kind: "text" };
}

/** The same, for what stands in a file. */
export function fromFile<T>(parse: Parse<T>, about: About): Argument<T | undefined> {
  return { ...optional(parse, about), fromFile: true };
}

/** The same for what must be there; over ssh it may come on stdin without being named. */
export function requiredFile<T>(parse: Parse<T>, about: About): Argument<T> {
  return { ...required(parse, about), fromFile: true };
}

/** An argument that must be there once, and may be there more often. */
export function list<T>(parse: Parse<T>, { placeholder, summary }: About): Argument<readonly T[]> {
  return {
    ...{ kind: "list", required: true, placeholder, summary, fromFile: false },
    parse: (texts, name) => texts.map((text) => parse(bounded(text, name), name)),
  };
}

/** A list that may be left out. Its values may also stand in one word with commas between them. */
export function optionalList<T>(parse: Parse<T>, about: About): Argument<readonly T[]> {
  return commaList({ ...list(parse, about), required: false });
}

/** A list whose values may also stand in one word with commas between them; none of them has a comma of its own. */
export function commaList<T>(argument: Argument<readonly T[]>): Argument<readonly T[]> {
  const split = (texts: readonly string[]) => [...new Set(texts.flatMap((text) => text.split(",")))];
  return { ...argument, parse: (texts, name) => argument.parse(split(texts), name) };
}

export function flag(summary: string): Argument<boolean> {
  return {
    ...{ kind: "flag", required: false, placeholder: "", summary, fromFile: false },
    parse: (texts) => texts.length > 0,
  };
}

export const name: Parse<string> = checked(parseName);
export const login: Parse<string> = checked(parseLogin);
/** Blanks, also those letters and symbols that show nothing. */
const BLANKS = /[\p{Zs}\u115f\u1160\u2800\u3164\uffa0]+/gu;
/** A sentence that others read: blanks in a row are one. A gap as wide as a terminal would let what follows pass for a line of ours. */
export const reason: Parse<string> = (text, argument) =>
  checked(parseReason)(text.replace(BLANKS, " "), argument);
/** A reason, comment or ticket of a request. */
export const shortReason: Parse<string> = (text, argument) => {
  if (text.length > REQUEST_TEXT_CHARS_MAX)
    throw usage(argument, `at most ${REQUEST_TEXT_CHARS_MAX} characters`);
  return reason(text, argument);
};
export const serial: Parse<string> = checked(parseSerial);
export const fingerprint: Parse<string> = checked(parseFingerprint);
/** One line of a key file. */
export const keyLine: Parse<string> = (text) => text.trim();
/** An id or what begins one; whether there is such a thing is looked up. */
export const idPrefix: Parse<string> = (text, argument) => {
  if (/^[a-z0-9-]{1,32}$/u.test(text)) return text;
  throw usage(argument, "an id such as ses-0f3k");
};
/** A command's name; whether there is such a one is looked up. */
export const commandName: Parse<string> = (text, argument) => {
  if (/^[a-z]{1,16}( [a-z]{1,16})?$/u.test(text)) return text;
  throw usage(argument, "commands such as request,cert");
};
/** A number as it stands in a list. */
export const wholeNumber: Parse<number> = (text, argument) => {
  const value = /^(0|[1-9]\d{0,15})$/u.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw usage(argument, "a number such as 17");
};
/** Milliseconds. */
export const duration: Parse<number> = (text, argument) => {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw usage(argument, "a duration such as 90s, 30m or 1h30m");
};

/** A parser of access/, whose errors become ours. */
function checked(parse: (text: string, path: string) => string): Parse<string> {
  return (text, argument) => {
    try {
      return parse(text, argument);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      throw new CommandError("usage", error.message);
    }
  };
}

function bounded(text: string, argument: string): string {
  if (text.length > ARGUMENT_CHARS_MAX) throw usage(argument, `at most ${ARGUMENT_CHARS_MAX} characters`);
  return text;
}
