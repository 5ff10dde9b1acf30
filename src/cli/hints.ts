import type { Command } from "commander";
import type { HomeHints } from "./find-home.js";

/** The options of the program itself, wherever on the line they stood. */
export function hintsOf(command: Command): HomeHints {
  const { home, config } = command.optsWithGlobals<{ home?: string; config?: string }>();
  return { ...(home !== undefined && { home }), ...(config !== undefined && { config }) };
}

/** The group of a two-word command (`cert`), made when it is first needed. */
export function groupOf(program: Command, name: string, summary: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  return found ?? program.command(name).description(summary);
}
