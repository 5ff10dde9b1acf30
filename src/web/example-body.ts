import { parseArgv, type Command } from "../commands/index.js";

/** A word as people write it in a shell: with quotes around it or without. */
const WORD = /"([^"]*)"|'([^']*)'|([^\s"']+)/g;
/** What a file would hold that an example names. */
const FILE_CONTENT = "ssh-ed25519 AAAA… alice@laptop";

/** A command's examples as bodies over HTTP, by the line that each was; those that differ. */
export function exampleBodies(command: Command): Readonly<Record<string, { readonly value: object }>> {
  const bodies = new Map<string, { readonly value: object }>();
  for (const line of command.examples) {
    const [asked = ""] = line.split(/ [<>|#] ?/, 1); // what a shell does with the output is not ours
    const value = exampleBody(command, words(asked).slice(command.name.split(" ").length));
    const known = [...bodies.values()].some((body) => JSON.stringify(body.value) === JSON.stringify(value));
    if (!known) bodies.set(asked, { value });
  }
  return Object.fromEntries(bodies);
}

function words(line: string): string[] {
  return [...line.matchAll(WORD)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
}

function exampleBody(command: Command, given: readonly string[]): object {
  const { values } = parseArgv(command, given);
  const members = Object.entries(values).map(([name, texts]) => {
    const argument = command.options[name] ?? command.positionals[name];
    const contents = argument?.fromFile ? texts.map(() => FILE_CONTENT) : texts;
    return [name, argument?.kind === "flag" ? true : argument?.kind === "list" ? contents : contents[0]];
  });
  return Object.fromEntries(members) as object;
}
