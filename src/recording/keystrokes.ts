/** Something typed at once, and what may be shown of it; `shown` is undefined while that is undecided. */
export interface Keystroke {
  readonly typed: string;
  shown: string | undefined;
}

/** A key whose echo does not come within this was not echoed. */
const echoWithinUs = 2_000_000;
/** Undecided lines, and printables in one of them, that are waited for; beyond, the answer is dots at once. */
const undecidedLinesMax = 4096;
const undecidedPrintablesMax = 64 * 1024;
/** Arrow and function keys hold printable characters that nobody typed. */
const escapeSequence = /\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[ -~]|.)?/gsu;

/** What was typed up to an Enter, or up to a pause. */
interface Stretch {
  keys: Keystroke[];
  printables: string[];
  /** How many of the printables came back. */
  echoed: number;
  /** Enter was typed: the next line feed of the target's decides. */
  entered: boolean;
  lastTypedUs: number;
}

/**
 * Tells which keystrokes on a terminal may be shown. The kernel's ECHO flag does not cross the wire, so it is inferred:
 * a stretch of typing is shown when each of its printable characters came back, in order, before the line feed that
 * followed its Enter, and within two seconds; otherwise all its printables become dots.
 *
 * Known holes, and why this is only for showing and never for what is recorded: full-screen programs answer keys
 * without echoing them, which shows dots for what was no secret; and output that happens to hold a secret's letters
 * in order while it is typed shows it.
 */
export class Keystrokes {
  readonly #stretches: Stretch[] = [];

  /** Takes text that the client sent; returns its keystrokes, one for each line, to be decided later. */
  typed(text: string, atUs: number): Keystroke[] {
    this.expire(atUs);
    return text.split(/(?<=[\r\n])/u).map((typed) => {
      const keystroke: Keystroke = { typed, shown: undefined };
      const stretch = this.#openStretch(atUs);
      stretch.keys.push(keystroke);
      stretch.lastTypedUs = atUs;
      stretch.entered = /[\r\n]$/u.test(typed);
      for (const printable of printablesOf(typed)) stretch.printables.push(printable);
      if (this.#stretches.length > undecidedLinesMax || stretch.printables.length > undecidedPrintablesMax)
        this.finish();
      return keystroke;
    });
  }

  /** Takes text that the target sent to the terminal. */
  echoed(text: string, atUs: number): void {
    this.expire(atUs);
    let stretch = this.#stretches[0];
    for (const character of stretch === undefined ? "" : text) {
      if (stretch === undefined) return;
      if (character === stretch.printables[stretch.echoed]) stretch.echoed++;
      else if (character === "\n" && stretch.entered) {
        this.#decideFirst();
        stretch = this.#stretches[0];
      }
    }
  }

  /** Decides what was typed too long before `atUs`. */
  expire(atUs: number): void {
    for (let first = this.#stretches[0]; first; first = this.#stretches[0]) {
      if (atUs - first.lastTypedUs <= echoWithinUs) return;
      this.#decideFirst();
    }
  }

  /** Decides the rest: nothing more will come. */
  finish(): void {
    while (this.#stretches.length > 0) this.#decideFirst();
  }

  #openStretch(atUs: number): Stretch {
    const last = this.#stretches.at(-1);
    if (last !== undefined && !last.entered) return last;
    const stretch: Stretch = { keys: [], printables: [], echoed: 0, entered: false, lastTypedUs: atUs };
    this.#stretches.push(stretch);
    return stretch;
  }

  #decideFirst(): void {
    const stretch = this.#stretches.shift();
    if (stretch === undefined) return;
    const echoed = stretch.echoed === stretch.printables.length;
    for (const key of stretch.keys) key.shown = echoed ? key.typed : dotted(key.typed);
  }
}

function printablesOf(typed: string): string[] {
  return Array.from(typed.replace(escapeSequence, "")).filter(isPrintable);
}

/** Printables as dots, control characters and sequences as they are. */
function dotted(typed: string): string {
  let out = "";
  let at = 0;
  for (const { 0: sequence, index } of typed.matchAll(escapeSequence)) {
    out += dots(typed.slice(at, index)) + sequence;
    at = index + sequence.length;
  }
  return out + dots(typed.slice(at));
}

function dots(text: string): string {
  return Array.from(text, (character) => (isPrintable(character) ? "•" : character)).join("");
}

function isPrintable(character: string): boolean {
  return character >= " " && character !== "\x7f";
}
