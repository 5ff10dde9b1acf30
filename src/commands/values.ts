import { CommandError, usage } from "./command-error.js";
import type { Arguments, Command } from "./define.js";

/** A command's arguments as they come from outside: each name with its texts; a flag has one empty text. */
export type RawValues = Readonly<Record<string, readonly string[]>>;

/** Times one argument may be given. */
const TEXTS_MAX = 16;

/**
 * Strictly decodes a command's arguments: no unknown one, each as often as it may be, each with what it stands for.
 * Throws CommandError `usage`, naming the argument.
 */
export function decodeValues(command: Command, raw: RawValues): Record<string, unknown> {
  const known: Arguments = { ...command.positionals, ...command.options };
  for (const name of Object.keys(raw))
    if (!Object.hasOwn(known, name))
      throw new CommandError("usage", `${command.name} has no argument ${quoted(name)}`);
  const values: Record<string, unknown> = {};
  for (const [name, argument] of Object.entries(known)) {
    const texts = Object.hasOwn(raw, name) ? (raw[name] ?? []) : [];
    const shown = argumentName(command, name);
    if (argument.required && texts.length === 0) throw new CommandError("usage", `${shown} is missing`);
    if (texts.length > (argument.kind === "list" ? TEXTS_MAX : 1)) throw usage(shown, "it once");
    values[name] = argument.parse(texts, shown);
  }
  return values;
}

/** `--identity`, or `ID` for a positional. */
export function argumentName(command: Command, name: string): string {
  return Object.hasOwn(command.positionals, name) ? name.toUpperCase() : `--${name}`;
}

/** A foreign word that is safe to repeat. */
export function quoted(word: string): string {
  return JSON.stringify(word.slice(0, 64)).replace(/[^ -~]/gu, "?");
}
