import type { Argument } from "./argument.js";
import type { Command } from "./define.js";
import { table } from "../wording/index.js";

/** The help of one command; `program` is how the reader calls it (`bascule`, `ssh bastion`). */
export function helpText(command: Command, program: string): string {
  const options = Object.entries(command.options);
  const positionals = Object.entries(command.positionals);
  const rows = [
    ...positionals.map(([name, argument]) => [name.toUpperCase(), describe(argument)]),
    ...options.map(([name, argument]) => [`--${name} ${argument.placeholder}`.trimEnd(), describe(argument)]),
    ["--json", "print JSON"],
  ];
  return [
    `${command.summary}.`,
    "",
    `Usage: ${usageLine(command, program)}`,
    "",
    ...table(rows).map((line) => `  ${line}`),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${program} ${example}`),
    "",
  ].join("\n");
}

/** `bascule cert issue --identity NAME …`: what must be there, as it is; the rest in brackets. */
function usageLine(command: Command, program: string): string {
  const positionals = Object.entries(command.positionals).map(([name, { required, kind }]) => {
    const text = kind === "list" ? `${name.toUpperCase()} …` : name.toUpperCase();
    return required ? text : `[${text}]`;
  });
  const options = Object.entries(command.options).map(([name, { kind, required, placeholder }]) => {
    const text = kind === "flag" ? `--${name}` : `--${name} ${placeholder}`;
    return required ? `${text}${kind === "list" ? " …" : ""}` : `[${text}]`;
  });
  return [program, command.name, ...positionals, ...options].join(" ");
}

function describe({ summary, kind, required }: Argument<unknown>): string {
  const often = kind === "list" ? "; may be given several times" : "";
  return `${summary}${often}${required ? " (required)" : ""}`;
}
