import { Command, CommanderError } from "commander";
import { EXIT } from "../commands/index.js";
import { explain } from "./cli-error.js";
import { addLocalCommands } from "./local-commands.js";
import { addPolicyCommands } from "./policy/policy-commands.js";
import { addReadingCommands } from "./reading-commands.js";
import { addWitnessCommands } from "./witness/witness-commands.js";
import { addSharedCommands } from "./shared-commands.js";
import { printNote, surviveClosedStreams } from "./print.js";
import { programVersion } from "./version.js";

/** Runs a command line; resolves with the exit status, with everything said that there is to say. */
export async function runProgram(words: readonly string[]): Promise<number> {
  surviveClosedStreams();
  const ended = { exit: EXIT.done as number };
  const program = buildProgram((exit) => (ended.exit = exit));
  try {
    await program.parseAsync([...words], { from: "user" });
    return ended.exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said why
    const { exit, lines } = explain(error);
    for (const line of lines) printNote(line);
    return exit;
  }
}

function buildProgram(onExit: (exit: number) => void): Command {
  const program = new Command("bascule")
    .description("SSH bastion: time-limited access that closes by itself, and is recorded")
    .version(programVersion())
    .option("--home <dir>", "the bastion's home; else BASCULE_HOME, or ./var")
    .option("--config <file>", "the bastion's configuration, which names its home")
    .showSuggestionAfterError()
    .showHelpAfterError("  see it with --help")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /u, "bascule: ")) })
    .exitOverride();
  addLocalCommands(program, onExit);
  addReadingCommands(program, onExit);
  addPolicyCommands(program, onExit);
  addWitnessCommands(program, onExit);
  addSharedCommands(program, onExit);
  addHelp(program);
  for (const command of [...program.commands, ...program.commands.flatMap((group) => group.commands)])
    command.exitOverride();
  program.addHelpText(
    "after",
    "\nExit status: 0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 verification failed,",
  );
  program.addHelpText("after", "  75 try later, 77 not permitted, 130 interrupted.");
  return program;
}

/** `help grants` is `grants --help`: what it says of itself is loaded when it is asked. */
function addHelp(program: Command): void {
  program
    .helpCommand(false)
    .command("help")
    .description("Says how a command is written")
    .argument("[command...]")
    .action(async (words: readonly string[]) => {
      await program.parseAsync([...words, "--help"], { from: "user" });
    });
}
