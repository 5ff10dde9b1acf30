import { resolve } from "node:path";
import type { Command } from "commander";
import { DEFAULT_HOME, findHome } from "./find-home.js";
import { groupOf, hintsOf } from "./hints.js";
import { CONFIG_NAME } from "./config-name.js";
import { printNote } from "./print.js";

type OnExit = (exit: number) => void;

/** Commands of this machine alone: making a home, running the bastion. What they need is loaded when they run. */
export function addLocalCommands(program: Command, onExit: OnExit): void {
  program
    .command("init")
    .description("Makes a bastion's home: keys, an auditor's key, a configuration")
    .argument("[dir]", "the home", DEFAULT_HOME)
    .addHelpText("after", "\nExamples:\n  bascule init /var/lib/bascule")
    .action(async (folder: string) => {
      const { init } = await import("./init/init.js");
      onExit(init(folder, printNote));
    });
  groupOf(program, "ca", "The bastion's CAs")
    .command("init")
    .description(
      "Makes the keys of the three CAs and of the ledger alone, for a home with a configuration of its own",
    )
    .argument("[dir]", "the home", DEFAULT_HOME)
    .addHelpText("after", "\nExamples:\n  bascule ca init /var/lib/bascule")
    .action(async (folder: string) => {
      const { makeAuthorities } = await import("./init/make-keys.js");
      printNote(`made the keys in ${makeAuthorities(resolve(folder)).keys}`);
    });
  program
    .command("serve")
    .description("Runs the bastion until Ctrl-C or SIGTERM; SIGHUP reads the configuration again")
    .addHelpText("after", "\nExamples:\n  bascule serve --config /etc/bascule.yaml")
    .action(async (_options: object, self: Command) => {
      const { config, ...hints } = hintsOf(self);
      const path = config ?? resolve((await findHome(hints)).home, CONFIG_NAME);
      const { serve } = await import("./serve/serve.js");
      onExit(await serve(path, printNote));
    });
  program
    .command("start")
    .description("Runs the embedded default in ./var, with a target to try it on")
    .addHelpText("after", "\nExamples:\n  bascule start")
    .action(async () => {
      const { start } = await import("./start/start.js");
      onExit(await start((line) => void process.stdout.write(`${line}\n`)));
    });
  program
    .command("demo")
    .description("Shows the whole way without hands: certificate, jump, recording, warning, cut, replay")
    .option("--keep <dir>", "leave the home and the recordings there")
    .addHelpText("after", "\nExamples:\n  bascule demo --keep /tmp/tour")
    .action(async ({ keep }: { keep?: string }) => {
      const { tour } = await import("./tour/tour.js");
      onExit(await tour(keep, (line) => void process.stdout.write(`${line}\n`)));
    });
}
