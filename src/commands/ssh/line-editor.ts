import { StringDecoder } from "node:string_decoder";
import { cleanText } from "../../access/index.js";

/** How a question ended: with a line, with ^D on an empty one or the end of input, with ^C, or with nothing for too long. */
export type Typed =
  { readonly kind: "line"; readonly text: string } | { readonly kind: "end" | "interrupted" | "idle" };

export interface LineEditorOptions {
  readonly input: AsyncIterable<Buffer>;
  /** Puts text on the terminal; what it gives is awaited before the next key, as some type and never read. */
  readonly echo: (text: string) => unknown;
  /** How long nobody may type. */
  readonly idleMs: number;
}

/** Longest line: a reason of the longest kind fits. */
const LINE_CHARS_MAX = 600;
/** Keys that were typed ahead and are kept. */
const KEYS_MAX = 4096;

const KEY = {
  interrupt: "\u0003",
  end: "\u0004",
  backspace: "\b",
  kill: "\u0015",
  escape: "\u001b",
  delete: "\u007f",
};
/** An escape sequence: CSI, SS3, or ESC with one character (ECMA-48); and what may become one. */
const SEQUENCE = /^\u001b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[ -NP-Z\\-~])/u;
const BEGUN = /^\u001b(?:\[[0-?]*[ -/]*|O)?$/u;
/** Longest that is waited for. */
const SEQUENCE_CHARS_MAX = 16;

/** Asks one line after another of a terminal in raw mode, and echoes it. Arrow keys and their like are passed over. */
export class LineEditor {
  readonly #put: LineEditorOptions["echo"];
  readonly #idleMs: number;
  #keys = "";
  #hasEnded = false;
  #wake: () => void = () => undefined;
  #prompt = "";
  #line: string[] = [];
  #wasReturn = false;
  #echoed: unknown;

  constructor({ input, echo, idleMs }: LineEditorOptions) {
    this.#put = echo;
    this.#idleMs = idleMs;
    void this.#read(input);
  }

  /**
   * Prints `prompt` and reads a line; `idle` when no key came for too long. A line that `isWhole` says is one needs no
   * Return.
   */
  async ask(prompt: string, isWhole: (line: string) => boolean = () => false): Promise<Typed> {
    this.#prompt = prompt;
    this.#line = [];
    this.#echo(prompt);
    for (;;) {
      await this.#echoed;
      const key = this.#nextKey();
      if (key !== undefined) {
        const typed = this.#take(key) ?? this.#whole(isWhole);
        if (typed !== undefined) return typed;
      } else if (this.#hasEnded) return { kind: "end" };
      else if (!(await this.#moreCame())) return { kind: "idle" };
    }
  }

  /** Prints the prompt and what was typed of its answer again. */
  redraw(): void {
    this.#echo(this.#prompt + this.#line.join(""));
  }

  #echo(text: string): void {
    this.#echoed = this.#put(text);
  }

  #whole(isWhole: (line: string) => boolean): Typed | undefined {
    const text = this.#line.join("");
    if (!isWhole(text)) return undefined;
    this.#echo("\n");
    return { kind: "line", text };
  }

  #take(key: string): Typed | undefined {
    if (key === "\n" && this.#wasReturn) {
      this.#wasReturn = false; // the other half of CR LF
      return undefined;
    }
    this.#wasReturn = key === "\r";
    switch (key) {
      case "\r":
      case "\n":
        this.#echo("\n");
        return { kind: "line", text: this.#line.join("") };
      case KEY.interrupt:
        this.#echo("^C\n");
        return { kind: "interrupted" };
      case KEY.end:
        if (this.#line.length > 0) return undefined;
        this.#echo("\n");
        return { kind: "end" };
      case KEY.backspace:
      case KEY.delete:
        this.#rubOut(1);
        return undefined;
      case KEY.kill:
        this.#rubOut(this.#line.length);
        return undefined;
      default:
        this.#type(key);
        return undefined;
    }
  }

  #type(key: string): void {
    if (key.startsWith(KEY.escape) || cleanText(key) !== key || this.#line.length >= LINE_CHARS_MAX) return;
    this.#line.push(key);
    this.#echo(key);
  }

  #rubOut(count: number): void {
    for (const character of this.#line.splice(this.#line.length - Math.min(count, this.#line.length))) {
      const cells = cellsOf(character);
      this.#echo("\b".repeat(cells) + " ".repeat(cells) + "\b".repeat(cells));
    }
  }

  /** The next whole key: a character, or an escape sequence. */
  #nextKey(): string | undefined {
    const sequence = SEQUENCE.exec(this.#keys)?.[0];
    const isBegun = BEGUN.test(this.#keys) && this.#keys.length < SEQUENCE_CHARS_MAX;
    if (isBegun && !this.#hasEnded) return undefined; // the rest is on its way
    const [character] = this.#keys;
    const key = sequence ?? character;
    if (key !== undefined) this.#keys = this.#keys.slice(key.length);
    return key;
  }

  async #moreCame(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const came = new Promise<boolean>((resolve) => (this.#wake = () => resolve(true)));
    const idle = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), this.#idleMs)));
    try {
      return await Promise.race([came, idle]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(input: AsyncIterable<Buffer>): Promise<void> {
    const decoder = new StringDecoder("utf8");
    try {
      for await (const bytes of input) {
        this.#keys = (this.#keys + decoder.write(bytes)).slice(0, KEYS_MAX);
        this.#wake();
      }
    } catch {
      // the client is gone: that is an end as well
    }
    this.#hasEnded = true;
    this.#wake();
  }
}

const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation})/u;
const COMBINING = /^[\p{M}\u200c\u200d]/u;

/** Columns that a character takes, as far as rubbing it out goes: East Asian wide ones and emoji take two. */
function cellsOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
