/** A text as one word of a POSIX shell's line. */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9._/:@%+=-]+$/u.test(text)) return text;
  if (!/["$`\\!]/u.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
