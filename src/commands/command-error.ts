import type { ExitName } from "./exit-status.js";

/** A command that could not do what it was asked. The message is for whoever asked; `hint` is what would help. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** A name of EXIT. */
  readonly code: Exclude<ExitName, "done">;
  readonly hint: string | undefined;

  constructor(code: CommandError["code"], message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What is wrong with an argument, and what was expected. */
export function usage(argument: string, expected: string): CommandError {
  return new CommandError("usage", `${argument}: expected ${expected}`);
}
