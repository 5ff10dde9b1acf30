import { CommandError } from "./command-error.js";
import type { Command } from "./define.js";
import { quoted, type RawValues } from "./values.js";

/** What a command line asks for. */
export interface ParsedArgv {
  readonly values: RawValues;
  readonly json: boolean;
  readonly help: boolean;
}

/**
 * Takes a command's words apart: `--name value`, `--name=value`, `--flag`, positionals, `--` before words that begin
 * with a dash. `--json` and `--help` are every command's. Throws CommandError `usage`.
 */
export function parseArgv(command: Command, words: readonly string[]): ParsedArgv {
  const values: Record<string, string[]> = {};
  const free = Object.keys(command.positionals);
  const asked = { json: false, help: false };
  let isLiteral = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (isLiteral || !word.startsWith("-") || word === "-") {
      takePositional(command, free, values, word);
    } else if (word === "--") {
      isLiteral = true;
    } else if (word === "--json" || word === "--help" || word === "-h") {
      asked[word === "--json" ? "json" : "help"] = true;
    } else {
      at += takeOption(command, values, word, words[at + 1]);
    }
  }
  return { values, ...asked };
}

function takePositional(
  command: Command,
  free: string[],
  values: Record<string, string[]>,
  word: string,
): void {
  const [name] = free;
  if (name === undefined) throw new CommandError("usage", `${command.name} does not take ${quoted(word)}`);
  if (command.positionals[name]?.kind !== "list") free.shift();
  (values[name] ??= []).push(word);
}

/** Gives the number of words taken beside the option itself. */
function takeOption(
  command: Command,
  values: Record<string, string[]>,
  word: string,
  next: string | undefined,
): 0 | 1 {
  const [, name = "", inline] = /^--([a-z][a-z0-9-]*)(?:=(.*))?$/su.exec(word) ?? [];
  const option = Object.hasOwn(command.options, name) ? command.options[name] : undefined;
  if (option === undefined) throw new CommandError("usage", `${command.name} has no option ${quoted(word)}`);
  const texts = (values[name] ??= []);
  if (option.kind === "flag") {
    if (inline !== undefined) throw new CommandError("usage", `--${name} takes no value`);
    texts.push("");
    return 0;
  }
  const text = inline ?? next;
  if (text === undefined)
    throw new CommandError("usage", `--${name} wants a value: --${name} ${option.placeholder}`);
  texts.push(text);
  return inline === undefined ? 1 : 0;
}
