import { linesText, table } from "../wording/index.js";
import { commands } from "./all-commands.js";
import { mayRun, type CommandContext } from "./define.js";

/** What the caller can say here at all. */
export function overviewText({ program, caller, control }: CommandContext): string {
  const groups = control.policy.identities.get(caller.name)?.groups ?? [];
  const rows = commands
    .filter((command) => mayRun(command, caller))
    .map(({ name, summary }) => [name, summary]);
  return linesText([
    `You are ${caller.name}${groups.length === 0 ? "" : `, in ${groups.join(", ")}`}.`,
    "",
    `Usage: ${program} COMMAND …, and ${program} help COMMAND for more of each`,
    "",
    ...table(rows).map((line) => `  ${line}`),
    "",
    "Every command takes --json. Without a command, on a terminal, there is a menu.",
    "Exit status: 0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 verification failed,",
    "  75 try later, 77 not permitted, 130 interrupted.",
  ]);
}
