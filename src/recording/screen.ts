import { createRequire } from "node:module";
import type xterm from "@xterm/headless";
import { ScreenModes } from "./screen-modes.js";
import { serializeRow, type Cell } from "./screen-row.js";

/** The terminal waits at least a millisecond for each write it is awaited on: text is gathered up to this. */
const batchCharactersMax = 16 * 1024;
/** Lines kept above the screen: more than a batch of line feeds can push up, so that none is lost unread. */
const scrollbackLines = batchCharactersMax + 1024;

/** A terminal's code is read when there is something to draw: who records has no screen. */
const terminalCode = () => createRequire(import.meta.url)("@xterm/headless") as typeof xterm;

export interface ScreenSize {
  columns: number;
  rows: number;
}

/**
 * A terminal without a window: what a person would have seen. Everything that is fed is taken in order; what is read
 * is the state as of the last `settle`.
 */
export class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #modes = new ScreenModes();
  #waiting: string[] = [];
  #waitingCharacters = 0;
  /** The last scrolled-off line that {@link takeLines} gave out. */
  #taken: { readonly line: number } | undefined;

  /** With `lineFeedOnly`, a line feed also returns: for programs that ran without a terminal. */
  constructor(size: ScreenSize, { lineFeedOnly = false } = {}) {
    const { Terminal } = terminalCode();
    this.#terminal = new Terminal({
      cols: Math.max(2, size.columns),
      rows: Math.max(1, size.rows),
      scrollback: scrollbackLines,
      convertEol: lineFeedOnly,
      allowProposedApi: true,
      logLevel: "off",
    });
    this.#modes.watch(this.#terminal.parser);
  }

  get size(): ScreenSize {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows };
  }

  /** Takes output. True when so much waits that `settle` should be awaited. */
  feed(text: string): boolean {
    this.#waiting.push(text);
    this.#waitingCharacters += text.length;
    return this.#waitingCharacters >= batchCharactersMax;
  }

  /** Resolves when everything fed is on the screen. `each` is called between batches: lines can be taken there. */
  async settle(each: () => void = () => undefined): Promise<void> {
    const text = this.#waiting.join("");
    this.#waiting = [];
    this.#waitingCharacters = 0;
    for (let at = 0; at < text.length; at += batchCharactersMax) {
      await new Promise<void>((done) => this.#terminal.write(text.slice(at, at + batchCharactersMax), done));
      each();
    }
  }

  /** After all that was fed, makes the screen another size. */
  async resize({ columns, rows }: ScreenSize): Promise<void> {
    await this.settle();
    this.#terminal.resize(Math.max(2, columns), Math.max(1, rows));
    this.#modes.resized();
  }

  /** One visible row, counted from the top, as text with SGR sequences; cut at `columnsMax`. */
  row(row: number, columnsMax = this.#terminal.cols): string {
    const { active } = this.#terminal.buffer;
    return row < this.#terminal.rows ? rowText(active, active.baseY + row, columnsMax) : "";
  }

  /** Where the cursor is, from 0. */
  cursor(): { column: number; row: number; hidden: boolean } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { column: cursorX, row: cursorY, hidden: this.#modes.cursorHidden };
  }

  /**
   * The lines that scrolled off the screen for good since the last call, as plain text, wrapped ones joined. What a
   * full-screen program drew on the alternate screen never scrolls off.
   */
  takeLines(): string[] {
    const { normal } = this.#terminal.buffer;
    let end = normal.baseY;
    // A line that goes on below is taken with its end.
    while (end > 0 && normal.getLine(end)?.isWrapped === true) end--;
    const lines = this.#textLines((this.#taken?.line ?? -1) + 1, end);
    if (lines.length > 0 && this.#terminal.buffer.active.type === "normal")
      this.#taken = this.#terminal.registerMarker(end - 1 - normal.baseY - normal.cursorY);
    return lines;
  }

  /** The lines not yet taken and those on the screen, without the empty ones below. */
  restLines(): string[] {
    const { normal } = this.#terminal.buffer;
    const lines = this.#textLines((this.#taken?.line ?? -1) + 1, normal.baseY + this.#terminal.rows);
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /**
   * What a fresh screen of the same size must be fed to look and go on like this one. Origin mode is left out, like
   * what {@link ScreenModes} does not follow.
   */
  serialize(): string {
    const { active, normal } = this.#terminal.buffer;
    const { insertMode, wraparoundMode } = this.#terminal.modes;
    const modes = `${insertMode ? "\x1b[4h" : ""}${wraparoundMode ? "" : "\x1b[?7l"}${this.#modes.serialize()}`;
    const { margins, marginsBehind, enterAlternate } = this.#modes;
    if (active.type === "normal") return this.#paint(normal, margins) + modes;
    return this.#paint(normal, marginsBehind) + enterAlternate + this.#paint(active, margins) + modes;
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  #paint(buffer: Buffer, margins: string): string {
    const rows = Array.from({ length: this.#terminal.rows }, (_, row) =>
      rowText(buffer, buffer.baseY + row, this.#terminal.cols),
    );
    return (
      margins +
      rows.map((row, index) => (row === "" ? "" : `\x1b[${index + 1};1H${row}`)).join("") +
      at(buffer)
    );
  }

  #textLines(from: number, to: number): string[] {
    const { normal } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let y = from; y < to; y++) {
      const line = normal.getLine(y);
      if (line === undefined) break;
      const goesOn = normal.getLine(y + 1)?.isWrapped === true && y + 1 < to;
      const text = line.translateToString(!goesOn);
      if (line.isWrapped && lines.length > 0) lines.push(`${lines.pop() ?? ""}${text}`);
      else lines.push(text);
    }
    return lines;
  }
}

type Buffer = InstanceType<typeof xterm.Terminal>["buffer"]["active"];

/** Puts the cursor where it is in `buffer`. Beyond the last column it is only by writing that column again. */
function at(buffer: Buffer): string {
  const { cursorX, cursorY, baseY } = buffer;
  const line = buffer.getLine(baseY + cursorY);
  if (line === undefined || cursorX < line.length) return `\x1b[${cursorY + 1};${cursorX + 1}H`;
  const x = line.getCell(cursorX - 1)?.getWidth() === 0 ? cursorX - 2 : cursorX - 1;
  const last = line.getCell(x);
  return `\x1b[${cursorY + 1};${x + 1}H${(last && serializeRow([last])) || " "}`;
}

function rowText(buffer: Buffer, y: number, columnsMax: number): string {
  const line = buffer.getLine(y);
  return line === undefined ? "" : serializeRow(cellsOf(line, columnsMax));
}

/** xterm fills one cell object again and again: each is used before the next is asked for. */
function* cellsOf(line: NonNullable<ReturnType<Buffer["getLine"]>>, columnsMax: number): Generator<Cell> {
  let cell = line.getCell(0);
  for (let x = 0; x < Math.min(line.length, columnsMax) && cell !== undefined; x++) {
    cell = line.getCell(x, cell);
    // Half of a wide character does not fit.
    if (cell !== undefined && x + cell.getWidth() <= columnsMax) yield cell;
  }
}
