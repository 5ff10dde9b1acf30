import { nearest } from "../wording/index.js";
import { CommandError } from "./command-error.js";
import type { Command } from "./define.js";
import { loadCommand, registry } from "./registry.js";
import type { Word } from "./ssh/split-line.js";
import { quoted } from "./values.js";

/** All of them, whole, in the order of help. */
export const commands: readonly Command[] = await Promise.all(registry.map(loadCommand));

const byName: ReadonlyMap<string, Command> = new Map(commands.map((command) => [command.name, command]));

/**
 * The command that these words begin with, and the words behind its name. Throws CommandError `usage`, with the command
 * that was probably meant.
 */
export function commandOf(
  words: readonly Word[],
  program: string,
): { command: Command; rest: readonly Word[] } {
  const texts = words.map(({ text }) => text);
  for (const length of [2, 1]) {
    const command = byName.get(texts.slice(0, length).join(" "));
    if (command !== undefined && texts.length >= length) return { command, rest: words.slice(length) };
  }
  const [first = ""] = texts;
  const meant = nearest(first, byName.keys());
  const hint = meant === undefined ? `see them with: ${program} help` : `did you mean: ${program} ${meant}`;
  throw new CommandError("usage", `there is no command ${quoted(first)}`, hint);
}

export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}
