/** CSI parameters as xterm hands them over: numbers, and lists for colon-separated ones. */
type Params = (number | number[])[];

/** What registers a look at control sequences; every handler leaves the sequence to the terminal. */
export interface SequenceParser {
  registerCsiHandler(
    id: { prefix?: string; intermediates?: string; final: string },
    seen: (params: Params) => boolean,
  ): unknown;
  registerEscHandler(id: { intermediates?: string; final: string }, seen: () => boolean): unknown;
}

/** SGR sequences kept since the last reset; older ones are overridden in all but contrived streams. */
const penSequencesMax = 32;

/**
 * What a terminal's state is beyond its cells and that the emulator does not tell: margins, attributes of what comes
 * next, the character set, whether the cursor shows. Cursors saved by themselves and tab stops are not followed: a
 * keyframe loses them.
 */
export class ScreenModes {
  #margins = "";
  #pen: string[] = [];
  #charset = "";
  #cursorHidden = false;
  /** What leaving the alternate screen brings back. */
  #saved: { pen: string[]; charset: string; margins: string } = { pen: [], charset: "", margins: "" };

  watch(parser: SequenceParser): void {
    const csi = (
      id: { prefix?: string; intermediates?: string; final: string },
      seen: (params: Params) => void,
    ): void => {
      parser.registerCsiHandler(id, (params) => (seen(params), false));
    };
    csi({ final: "r" }, (params) => (this.#margins = `\x1b[${textOf(params)}r`));
    csi({ final: "m" }, (params) => this.#addPen(params));
    csi({ prefix: "?", final: "h" }, (params) => {
      if (params.includes(25)) this.#cursorHidden = false;
      if (params.includes(1049)) this.#enterAlternate();
    });
    csi({ prefix: "?", final: "l" }, (params) => {
      if (params.includes(25)) this.#cursorHidden = true;
      if (params.includes(1049)) this.#leaveAlternate();
    });
    csi({ intermediates: "!", final: "p" }, () => this.#softReset());
    for (const final of ["0", "A", "B"])
      parser.registerEscHandler(
        { intermediates: "(", final },
        () => ((this.#charset = `\x1b(${final}`), false),
      );
    parser.registerEscHandler({ final: "c" }, () => (this.#reset(), false));
  }

  get cursorHidden(): boolean {
    return this.#cursorHidden;
  }

  /** A resize resets the margins. */
  resized(): void {
    this.#margins = "";
    this.#saved.margins = "";
  }

  #softReset(): void {
    this.#margins = "";
    this.#pen = [];
    this.#charset = "";
    this.#cursorHidden = false;
  }

  #reset(): void {
    this.#softReset();
    this.#saved = { pen: [], charset: "", margins: "" };
  }

  /** Sequences to enter the alternate screen with, blank, and the pen at its default. */
  get enterAlternate(): string {
    return `${this.#saved.pen.join("")}${this.#saved.charset}\x1b[?1049h\x1b[m\x1b(B\x1b[2J`;
  }

  /** Sequences that bring a fresh screen's margins here; they move its cursor. */
  get margins(): string {
    return this.#margins;
  }

  /** The same for the normal screen behind the alternate one: each has margins of its own. */
  get marginsBehind(): string {
    return this.#saved.margins;
  }

  /** Sequences for all the rest; they leave the cursor where it is. */
  serialize(): string {
    return this.#pen.join("") + this.#charset + (this.#cursorHidden ? "\x1b[?25l" : "");
  }

  #enterAlternate(): void {
    this.#saved = { pen: this.#pen, charset: this.#charset, margins: this.#margins };
    this.#margins = "";
  }

  #leaveAlternate(): void {
    ({ pen: this.#pen, charset: this.#charset, margins: this.#margins } = this.#saved);
  }

  #addPen(params: Params): void {
    if (params.length === 0 || params[0] === 0) this.#pen = [];
    this.#pen = [...this.#pen.slice(1 - penSequencesMax), `\x1b[${textOf(params)}m`];
  }
}

function textOf(params: Params): string {
  // A list holds the sub-parameters of the number before it; -1 stands for one that was left out.
  return params.reduce<string>((text, param, index) => {
    if (Array.isArray(param)) return `${text}:${param.map((sub) => (sub < 0 ? "" : sub)).join(":")}`;
    return `${text}${index === 0 ? "" : ";"}${param}`;
  }, "");
}
