import { nearest } from "../wording/index.js";
import { CommandError } from "./command-error.js";
import type { Command } from "./define.js";
import { wholeWords, type Word } from "./ssh/split-line.js";
import { quoted, type RawValues } from "./values.js";

/** What a command line asks for. */
export interface ParsedArgv {
  readonly values: RawValues;
  readonly json: boolean;
  readonly help: boolean;
}

/** Options that every command has. */
const COMMON = ["json", "help"];

/** The same for words that a shell took apart. */
export function parseArgv(command: Command, words: readonly string[]): ParsedArgv {
  return parseWords(command, wholeWords(words));
}

/**
 * Takes a command's words apart: `--name value`, `--name=value`, `--flag`, positionals, `--` before words that begin
 * with a dash. An option of the kind `text` goes on over all words up to the next option, unless it was quoted. `--json` and
 * `--help` are every command's. Throws CommandError `usage`.
 */
export function parseWords(command: Command, words: readonly Word[]): ParsedArgv {
  const parsing = new Parsing(command);
  let isLiteral = false;
  for (let at = 0; at < words.length; at += 1) {
    const text = words[at]?.text ?? "";
    if (isLiteral || !text.startsWith("-") || text === "-") parsing.free.push(text);
    else if (text === "--") isLiteral = true;
    else at += parsing.takeOption(words.slice(at));
  }
  return parsing.result();
}

class Parsing {
  /** Words that belong to no option, in order. */
  readonly free: string[] = [];
  readonly #command: Command;
  readonly #values: Record<string, string[]> = {};
  readonly #asked = { json: false, help: false };

  constructor(command: Command) {
    this.#command = command;
  }

  result(): ParsedArgv {
    this.#placeFree();
    return { values: this.#values, ...this.#asked };
  }

  /** Each required positional takes one word; an optional one takes one, and a list all, that those behind it can spare. */
  #placeFree(): void {
    const { name, positionals } = this.#command;
    const free = [...this.free];
    const places = Object.entries(positionals);
    places.forEach(([place, { kind, required }], at) => {
      const wanted = places.slice(at + 1).filter(([, behind]) => behind.required).length;
      const spare = Math.max(required ? 1 : 0, free.length - wanted);
      const taken = free.splice(0, kind === "list" ? spare : Math.min(1, spare));
      if (taken.length > 0) this.#values[place] = taken;
    });
    const [surplus] = free;
    if (surplus !== undefined) throw new CommandError("usage", `${name} does not take ${quoted(surplus)}`);
  }

  /** `words` begin with the option; gives the number of words taken beside it. */
  takeOption(words: readonly Word[]): number {
    const [first, ...rest] = words;
    const word = first?.text ?? "";
    if (word === "--json" || word === "--help" || word === "-h") {
      this.#asked[word === "--json" ? "json" : "help"] = true;
      return 0;
    }
    const { name, inline } = optionOf(word);
    const { options } = this.#command;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw this.#unknown(word, name);
    const texts = (this.#values[name] ??= []);
    if (option.kind === "flag") {
      if (inline !== undefined) throw new CommandError("usage", `--${name} takes no value`);
      texts.push("");
      return 0;
    }
    const [next] = rest;
    const opening = inline === undefined ? next?.text : inline;
    if (opening === undefined || (inline === undefined && this.#isOwnOption(opening)))
      throw new CommandError("usage", `--${name} wants a value: --${name} ${option.placeholder}`);
    const taken = inline === undefined ? 1 : 0;
    const isWhole = (inline === undefined ? next : first)?.isWhole ?? true;
    const more = option.kind === "text" && !isWhole ? this.#wordsOfText(name, rest.slice(taken)) : [];
    texts.push([opening, ...more].join(" "));
    return taken + more.length;
  }

  /** Words up to the next option of ours. What is nearly one is not taken for text. */
  #wordsOfText(option: string, words: readonly Word[]): readonly string[] {
    const end = words.findIndex(({ text }) => this.#isOwnOption(text));
    const taken = words.slice(0, end === -1 ? words.length : end);
    for (const { text } of taken) {
      const meant = text.startsWith("--") ? this.#nearestOption(optionOf(text).name) : undefined;
      if (meant !== undefined)
        throw new CommandError(
          "usage",
          `${quoted(text)} in --${option} reads like --${meant}`,
          `if it is part of the text, quote the text once more: --${option} '"TEXT"'`,
        );
    }
    return taken.map(({ raw }) => raw);
  }

  #isOwnOption(text: string): boolean {
    const { name } = optionOf(text);
    return COMMON.includes(name) || Object.hasOwn(this.#command.options, name);
  }

  #nearestOption(name: string): string | undefined {
    return name === "" ? undefined : nearest(name, [...Object.keys(this.#command.options), ...COMMON]);
  }

  #unknown(word: string, name: string): CommandError {
    const meant = this.#nearestOption(name);
    const hint = meant === undefined ? undefined : `did you mean --${meant}?`;
    return new CommandError("usage", `${this.#command.name} has no option ${quoted(word)}`, hint);
  }
}

/** Both empty for a word that is no option. */
function optionOf(word: string): { readonly name: string; readonly inline: string | undefined } {
  const [, name = "", inline] = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/su.exec(word) ?? [];
  return { name, inline };
}
