import type { Writable } from "node:stream";
import type { Screen } from "../../recording/index.js";

/**
 * Puts a screen and a status line onto a real terminal, row by row, only those that changed. What was recorded never
 * reaches the terminal itself, only cells that are drawn anew: a recording cannot steer the terminal of who watches it.
 */
export class Picture {
  readonly #output: Writable;
  #drawn: string[] = [];
  #size = "";

  constructor(output: Writable) {
    this.#output = output;
  }

  /** The alternate screen, so that what the terminal showed before comes back. */
  open(): void {
    this.#output.write("\x1b[?1049h\x1b[?7l\x1b[2J");
  }

  /** Leaves the terminal as `open` found it. */
  close(): void {
    this.#output.write("\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l");
  }

  /** Draws what differs from the last time. A terminal that is slow to take it misses pictures, not the last one. */
  draw(
    screen: Screen | undefined,
    status: string,
    { columns, rows }: { columns: number; rows: number },
  ): void {
    if (this.#output.writableNeedDrain) return;
    const height = Math.max(1, rows - 1);
    const cursor = screen?.cursor();
    // A screen that is taller than the terminal shows the part around its cursor.
    const top = Math.max(0, Math.min((screen?.size.rows ?? 0) - height, (cursor?.row ?? 0) - height + 1));
    const wanted = Array.from({ length: height }, (_, row) => screen?.row(top + row, columns) ?? "");
    let out = this.#clearedFor(columns, rows);
    wanted.push(`\x1b[7m${status}\x1b[0m`);
    wanted.forEach((text, row) => {
      if (this.#drawn[row] !== text) out += `\x1b[${row + 1};1H${text}\x1b[K`;
    });
    this.#drawn = wanted;
    const shown =
      cursor !== undefined && !cursor.hidden && cursor.row - top < height && cursor.column < columns;
    out += shown ? `\x1b[${cursor.row - top + 1};${cursor.column + 1}H\x1b[?25h` : "\x1b[?25l";
    this.#output.write(out);
  }

  #clearedFor(columns: number, rows: number): string {
    const size = `${columns}x${rows}`;
    if (size === this.#size) return "";
    this.#size = size;
    this.#drawn = [];
    return "\x1b[2J";
  }
}
