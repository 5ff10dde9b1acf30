import { readFileSync } from "node:fs";
import {
  askControl,
  CommandError,
  EXIT,
  helpText,
  loadCommand,
  parseArgv,
  withExample,
  type Command,
  type CommandEntry,
  type CommandOutcome,
  type RawValues,
} from "../commands/index.js";
import { CliError } from "./cli-error.js";
import { findHome, type HomeHints } from "./find-home.js";
import { printJson, printNote, printResult } from "./print.js";

/** Runs a shared command in the running bastion: reads the files that it names, prints what came back. */
export async function runShared(
  entry: CommandEntry,
  words: readonly string[],
  hints: HomeHints,
): Promise<number> {
  const command = await loadCommand(entry);
  try {
    const { values, json, help } = parseArgv(command, words);
    if (help) {
      await printResult(helpText(command, "bascule"));
      return EXIT.done;
    }
    const outcome = await askRunning(command.name, readFiles(command, values), hints);
    return await printOutcome(outcome, json);
  } catch (error) {
    throw error instanceof CommandError ? withExample(error, command, "bascule") : error;
  }
}

/** Asks the running bastion. Throws CliError with the exit status of a refusal, ControlUnreachable. */
export async function askRunning(
  command: string,
  values: RawValues,
  hints: HomeHints,
): Promise<Extract<CommandOutcome, { ok: true }>> {
  const { controlSocket } = await findHome(hints);
  const outcome = await askControl(controlSocket, { command, values }, { onNote: printNote });
  if (!outcome.ok) throw new CliError(outcome.exit, outcome.message, outcome.hint);
  return outcome;
}

async function printOutcome(outcome: Extract<CommandOutcome, { ok: true }>, json: boolean): Promise<number> {
  const { text, bytes, notes = [], exit } = outcome;
  if (json) await printJson(outcome.json);
  else await printResult(bytes === undefined ? text : Buffer.from(bytes, "base64"));
  for (const note of notes) printNote(note);
  return exit;
}

/** An argument that names a file is sent as what stands in it: the bastion never opens a client's paths. */
function readFiles(command: Command, values: RawValues): RawValues {
  const entries = Object.entries(values).map(([name, texts]) => {
    const argument = command.options[name] ?? command.positionals[name];
    return [name, argument?.fromFile ? texts.map((path) => readFile(path, name)) : texts] as const;
  });
  return Object.fromEntries(entries);
}

function readFile(path: string, name: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new CommandError(
      "usage",
      `--${name}: cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? ""})`,
    );
  }
}
