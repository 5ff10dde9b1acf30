import { CommandError } from "../command-error.js";

/** One word of a command line. */
export interface Word {
  /** What it stands for: without the quotes around it. */
  readonly text: string;
  /** As it was written. */
  readonly raw: string;
  /** Whether it is whole as it stands: somebody quoted it, or a shell handed it over as one. */
  readonly isWhole: boolean;
}

/** Longest line that is taken apart: the longest public key and a reason fit. */
export const LINE_CHARS_MAX = 16 * 1024;

/** A quote opens at a word's beginning, or after `--option=`. */
const OPENING = /^(--[a-z][a-z0-9-]*=)?(["'])/u;

/**
 * Takes a line apart at its blanks. A client's shell has removed the quotes that the person wrote and ssh has joined the
 * words with blanks, so that a quote within a line is as likely an apostrophe: it counts only at a word's beginning, and
 * only if its partner stands at a word's end. Nothing is ever unfinished. Throws CommandError `usage` for a line that is too long.
 */
export function splitLine(line: string): readonly Word[] {
  if (line.length > LINE_CHARS_MAX)
    throw new CommandError("usage", `a command is at most ${LINE_CHARS_MAX} characters`);
  const words: Word[] = [];
  const partners = new Partners(line);
  for (let at = skipBlanks(line, 0); at < line.length;) {
    const end = quotedEnd(line, at, partners) ?? wordEnd(line, at);
    words.push(wordOf(line.slice(at, end)));
    at = skipBlanks(line, end);
  }
  return words;
}

/** Words that a shell took apart: each is whole. */
export function wholeWords(words: readonly string[]): readonly Word[] {
  return words.map((text) => ({ text, raw: text, isWhole: true }));
}

function wordOf(raw: string): Word {
  const [opening, option = "", quote = ""] = OPENING.exec(raw) ?? [];
  const isWhole = opening !== undefined && raw.length > opening.length && raw.endsWith(quote);
  return { text: isWhole ? option + raw.slice(opening.length, -1) : raw, raw, isWhole };
}

/** Where the quoted word that begins at `at` ends, behind its closing quote; undefined when there is none. */
function quotedEnd(line: string, at: number, partners: Partners): number | undefined {
  const [opening, , quote = ""] = OPENING.exec(line.slice(at, at + OPENING_CHARS_MAX)) ?? [];
  return opening === undefined ? undefined : partners.endAfter(quote, at + opening.length);
}

/** Finds closing quotes in a line, in time that grows with the line only: what is not there is not looked for again. */
class Partners {
  readonly #line: string;
  readonly #gone = new Set<string>();

  constructor(line: string) {
    this.#line = line;
  }

  /** Behind the first such quote from `from` on that ends a word. */
  endAfter(quote: string, from: number): number | undefined {
    if (this.#gone.has(quote)) return undefined;
    for (let end = this.#line.indexOf(quote, from); end !== -1; end = this.#line.indexOf(quote, end + 1))
      if (end + 1 === this.#line.length || isBlank(this.#line, end + 1)) return end + 1;
    this.#gone.add(quote);
    return undefined;
  }
}

/** An option's name and what opens its value: no option's name is longer. */
const OPENING_CHARS_MAX = 64;

function wordEnd(line: string, from: number): number {
  let at = from;
  while (at < line.length && !isBlank(line, at)) at += 1;
  return at;
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (at < line.length && isBlank(line, at)) at += 1;
  return at;
}

function isBlank(line: string, at: number): boolean {
  return line[at] === " " || line[at] === "\t";
}
