/** Longest line of our own, in characters: what is longer is for the log. */
const lineCharactersMax = 400;
const columnsMin = 20;

/** One line without anything that a terminal would obey; parts of it are other people's words. */
export function plainLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ").slice(0, lineCharactersMax);
}

/** Rows that a line may cover: a warning with the command that helps needs two of 80 columns. */
const rowsMax = 2;

/**
 * A line laid over the top rows of a terminal (of its scroll region, in origin mode): cursor, colours, modes and region are
 * as before afterwards (DECSC/DECRC), and what is typed or drawn goes on where it was. Known holes: a program that has itself
 * saved the cursor, and not yet gone back, goes back to where it is now; and xterm.js (not xterm) forgets that a line was full.
 */
export function overlayLine(text: string, columns: number): string {
  const rows = wrapped(plainLine(text), Math.max(columns, columnsMin) - 2).map(
    (words, row) => `\x1b[${row + 1};1H\x1b[0m\x1b(B\x1b[2K\x1b[7m ${words} `,
  );
  return `\x1b7${rows.join("")}\x1b[0m\x1b8`;
}

/** Rows of at most `width` characters, broken at blanks where there are any: a command stays one that can be copied. */
function wrapped(line: string, width: number): string[] {
  const rows: string[] = [];
  for (let rest = line; rows.length === 0 || (rest !== "" && rows.length < rowsMax);) {
    const blank = rest.length > width ? rest.lastIndexOf(" ", width) : -1;
    const end = blank > 0 ? blank : width;
    rows.push(rest.slice(0, end));
    rest = rest.slice(blank > 0 ? end + 1 : end);
  }
  return rows;
}

/**
 * Ends whatever a program made of the terminal, then says `text` below: screen, scroll region, mouse, paste and keypad modes,
 * cursor, line wrapping, colours. Begins with ESC, which ends a sequence that is still open.
 */
export function lastLine(text: string, alternateScreen: boolean): string {
  const leave = alternateScreen ? "\x1b[?1049l" : "";
  const region = "\x1b7\x1b[r\x1b8";
  const mouse = "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l";
  const modes = "\x1b[?2004l\x1b[?1l\x1b>\x1b[4l\x1b[?7h\x1b[?25h";
  return `${leave}${region}${mouse}${modes}\x1b[0m\x1b(B\r\n${plainLine(text)}\r\n`;
}
