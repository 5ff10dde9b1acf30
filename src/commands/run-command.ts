import { CommandError } from "./command-error.js";
import { comesBy, mayRun, type Command, type CommandContext, type CommandResult } from "./define.js";
import { EXIT } from "./exit-status.js";
import { withExample } from "./failure.js";
import { findCommand } from "./all-commands.js";
import { checkOwnWord } from "./own-word.js";
import { decodeValues, quoted, type RawValues } from "./values.js";

/** What somebody asks for, by whatever way. */
export interface CommandRequest {
  readonly command: string;
  readonly values: RawValues;
}

/** What became of it. A refusal has an exit status, a message and perhaps a hint; nothing else. */
export type CommandOutcome =
  | ({ readonly ok: true } & CommandResult & { readonly exit: number })
  | { readonly ok: false; readonly exit: number; readonly message: string; readonly hint?: string };

/**
 * Runs one command: who may, then the arguments, then what it does. Never rejects for what the caller did wrong; what is
 * our own fault is logged, and the caller reads no more than that.
 */
export async function runCommand(context: CommandContext, request: CommandRequest): Promise<CommandOutcome> {
  const command = findCommand(request.command);
  try {
    if (command === undefined)
      throw new CommandError("usage", `there is no command ${quoted(request.command)}`, "see: help");
    checkCaller(command, context);
    const result = await command.run(context, decodeValues(command, request.values));
    return { ok: true, exit: EXIT.done, ...result };
  } catch (error) {
    if (error instanceof CommandError) {
      const { code, message, hint } =
        command === undefined ? error : withExample(error, command, context.program);
      return { ok: false, exit: EXIT[code], message, ...(hint !== undefined && { hint }) };
    }
    const detail = error instanceof Error ? error.message : String(error);
    context.control.log.error({ command: request.command, error: detail }, "command failed");
    const why = context.caller.via === "local" ? detail : "an admin finds the reason in the bastion's log";
    return { ok: false, exit: EXIT.failed, message: `${request.command} failed: ${why}` };
  }
}

function checkCaller(command: Command, context: CommandContext): void {
  const { caller } = context;
  const { name, audience, ways = [], isOwnWord = false } = command;
  if (!comesBy(command, caller.via))
    throw new CommandError(
      "usage",
      `there is no command ${quoted(name)} here`,
      `it comes by ${ways.join(" or ")}`,
    );
  if (!mayRun(command, caller)) throw new CommandError("notPermitted", `${name} is for ${audience} only`);
  if (isOwnWord) checkOwnWord(context);
}
