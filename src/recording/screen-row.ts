/** The little of an xterm buffer cell that drawing it again needs. Numbers are flags: not 0 is true. */
export interface Cell {
  getChars(): string;
  getWidth(): number;
  getFgColor(): number;
  getBgColor(): number;
  isFgRGB(): boolean;
  isBgRGB(): boolean;
  isFgPalette(): boolean;
  isBgPalette(): boolean;
  isBold(): number;
  isDim(): number;
  isItalic(): number;
  isUnderline(): number;
  isBlink(): number;
  isInverse(): number;
  isInvisible(): number;
  isStrikethrough(): number;
  isOverline(): number;
}

/**
 * One row of a screen as text with SGR sequences (ECMA-48 8.3.117): begins and ends with the default attributes, and
 * leaves out the empty cells at its end.
 */
export function serializeRow(cells: Iterable<Cell>): string {
  let row = "";
  let pen = "";
  /** Blank cells, written only when something follows. */
  let gap = "";
  for (const cell of cells) {
    if (cell.getWidth() === 0) continue; // the right half of a wide character
    const wanted = attributesOf(cell);
    const characters = cell.getChars() || " ";
    const change = wanted === pen ? "" : `\x1b[0${wanted}m`;
    if (characters === " " && wanted === "") {
      gap += change + " ";
    } else {
      row += gap + change + characters;
      gap = "";
    }
    pen = wanted;
  }
  return /\x1b\[0[^m]+m[^\x1b]*$/u.test(row) ? `${row}\x1b[0m` : row;
}

/** SGR parameters, each with a semicolon before it; nothing for the default. */
function attributesOf(cell: Cell): string {
  const flags = [
    cell.isBold() && 1,
    cell.isDim() && 2,
    cell.isItalic() && 3,
    cell.isUnderline() && 4,
    cell.isBlink() && 5,
    cell.isInverse() && 7,
    cell.isInvisible() && 8,
    cell.isStrikethrough() && 9,
    cell.isOverline() && 53,
  ];
  const foreground = colour(30, cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
  const background = colour(40, cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
  return flags.map((code) => (code ? `;${code}` : "")).join("") + foreground + background;
}

/** `base` is 30 for the foreground and 40 for the background. */
function colour(base: number, rgb: boolean, palette: boolean, value: number): string {
  if (rgb) return `;${base + 8};2;${(value >> 16) & 255};${(value >> 8) & 255};${value & 255}`;
  if (!palette) return "";
  if (value < 8) return `;${base + value}`;
  if (value < 16) return `;${base + 60 + value - 8}`;
  return `;${base + 8};5;${value}`;
}
