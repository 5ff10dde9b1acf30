import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";

/** Refuses, before anything is done, to send bytes to a terminal, which would obey and change them. Throws CommandError `usage`. */
export function bytesNeedNoTerminal({ isTerminal = false, program }: CommandContext, line: string): void {
  if (!isTerminal) return;
  throw new CommandError(
    "usage",
    "these are bytes, and no terminal takes them",
    `without -t: ${program} ${line}`,
  );
}
