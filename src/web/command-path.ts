import { comesBy, type Command } from "../commands/index.js";
import { commands } from "./serving.js";

/** The commands that are there over HTTP, by the last part of their path: `cert issue` is `cert-issue`. */
export const commandsByPath: ReadonlyMap<string, Command> = new Map(
  commands
    .filter((command) => comesBy(command, "http"))
    .map((command) => [command.name.replaceAll(" ", "-"), command]),
);
