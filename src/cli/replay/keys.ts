/** What the person at the player can ask for. */
export type Command =
  "pause" | "faster" | "slower" | "back" | "forward" | "skip-idle" | "next-channel" | "quit";

const commandOf = new Map<string, Command>([
  [" ", "pause"],
  ["+", "faster"],
  ["=", "faster"],
  ["-", "slower"],
  ["\x1b[D", "back"],
  ["\x1bOD", "back"],
  ["\x1b[C", "forward"],
  ["\x1bOC", "forward"],
  ["i", "skip-idle"],
  ["n", "next-channel"],
  ["\t", "next-channel"],
  ["q", "quit"],
  ["\x03", "quit"],
]);

/** Cuts what a terminal sent into keys; what means nothing here is dropped. Sequences arrive whole or mean nothing. */
export function parseKeys(text: string): Command[] {
  const keys = text.match(/\x1b[[O][0-9;]*[A-Za-z~]|[^]/gu) ?? [];
  return keys.flatMap((key) => commandOf.get(key) ?? []);
}
