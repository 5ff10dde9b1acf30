import { CommandError } from "./command-error.js";
import type { Command } from "./define.js";

/** What went wrong and what would help, as lines for stderr. */
export function failureLines({
  message,
  hint,
}: {
  readonly message: string;
  readonly hint?: string;
}): string {
  const lines = message.split("\n").map((line) => `bascule: ${line}\n`);
  const help = hint === undefined ? [] : hint.split("\n").map((line) => `  ${line}\n`);
  return [...lines, ...help].join("");
}

/** Whoever wrote a command wrongly sees how it is written. */
export function withExample(error: CommandError, { examples }: Command, program: string): CommandError {
  if (error.code !== "usage") return error;
  const example = `for example: ${program} ${examples[0]}`;
  const { hint } = error;
  if (hint?.includes(example) === true) return error;
  return new CommandError(error.code, error.message, hint === undefined ? example : `${hint}\n${example}`);
}
