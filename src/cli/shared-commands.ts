import type { Command as Commander } from "commander";
import { comesBy, registry, type CommandEntry } from "../commands/index.js";
import { groupOf, hintsOf } from "./hints.js";

const GROUPS: Readonly<Record<string, string>> = {
  cert: "Certificates",
  ca: "The bastion's CAs",
  access: "What roles give",
  disk: "Room for recordings",
};

/** Commands that the running bastion does. Their words are taken apart by their own definitions. */
export function addSharedCommands(program: Commander, onExit: (exit: number) => void): void {
  for (const command of registry.filter((one) => comesBy(one, "local"))) {
    const [first = "", second] = command.name.split(" ");
    const parent = second === undefined ? program : groupOf(program, first, GROUPS[first] ?? first);
    if (parent.commands.some((known) => known.name() === (second ?? first))) continue; // a local one serves it
    addShared(parent, second ?? first, command, onExit);
  }
}

function addShared(
  parent: Commander,
  name: string,
  command: CommandEntry,
  onExit: (exit: number) => void,
): void {
  parent
    .command(name)
    .description(command.summary)
    .argument("[words...]")
    .helpOption(false)
    .allowUnknownOption()
    .action(async (words: readonly string[], _options: object, self: Commander) => {
      const { runShared } = await import("./run-shared.js");
      onExit(await runShared(command, words, hintsOf(self)));
    });
}
