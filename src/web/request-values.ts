import { EXIT, type Command, type RawValues } from "../commands/index.js";
import { Refusal, STATUS } from "./answer.js";

/**
 * A body's members as a command takes its arguments: a text, a list of texts, or true for a flag. Whether there is such
 * an argument, and how often it may be given, is for the command to say. Throws Refusal, naming the argument.
 */
export function requestValues(command: Command, body: Readonly<Record<string, unknown>>): RawValues {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, texts(command, name, value)]));
}

function texts(command: Command, name: string, value: unknown): readonly string[] {
  const known = { ...command.positionals, ...command.options };
  const kind = Object.hasOwn(known, name) ? known[name]?.kind : undefined;
  if (kind === "flag") {
    if (value === true) return [""];
    throw expected(name, "true, or to be left out");
  }
  if (typeof value === "string") return [value];
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return value;
  throw expected(name, kind === "list" ? "a list of texts" : "a text");
}

/** The name is a stranger's text unless the command knows it; then it is said shortened and in ASCII. */
function expected(name: string, what: string): Refusal {
  const shown = name.slice(0, 64).replace(/[^ -~]/gu, "?");
  return new Refusal(STATUS.usage, EXIT.usage, `${shown}: expected ${what}`);
}
