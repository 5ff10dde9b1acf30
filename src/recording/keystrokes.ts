/** A key whose echo does not come within this was not echoed. */
const echoWithinUs = 2_000_000;
/** Undecided lines, and printables in one of them, that are waited for; beyond, the answer is dots at once. */
const undecidedLinesMax = 4096;
const undecidedPrintablesMax = 64 * 1024;
/** Output that is looked through for a stretch's echo; an echo that comes behind so much came too late. */
const searchedCharactersMax = 64 * 1024;
/** Arrow and function keys hold printable characters that nobody typed. */
const escapeSequence = /\x1b(?:\[[0-9;?<]*[ -/]*[@-~]|O[ -~]|.)?/gsu;

/** What was typed up to an Enter, or up to a pause. */
interface Stretch {
  typed: string;
  printables: string[];
  /** How many of the printables came back. */
  echoed: number;
  /** Characters that came since it began. */
  searched: number;
  /** Enter was typed: the next line feed of the target's decides. */
  entered: boolean;
  firstTypedUs: number;
  firstBlock: number;
  lastTypedUs: number;
}

/** A stretch as it may be shown, and when its first key was typed, into which block. */
export interface Decided {
  readonly text: string;
  readonly fromUs: number;
  readonly fromBlock: number;
}

/**
 * Tells what of the typing on a terminal may be shown. The kernel's ECHO flag does not cross the wire, so it is inferred:
 * a stretch of typing is shown when each of its printable characters came back, in order, before the line feed that
 * followed its Enter, and within two seconds; otherwise all its printables become dots.
 *
 * Known holes: full-screen programs answer keys without echoing them, which shows dots for what was no secret; and output
 * that happens to hold a secret's letters in order while it is typed shows it, to who may see that output.
 */
export class Keystrokes {
  readonly #stretches: Stretch[] = [];
  readonly #decided: Decided[] = [];

  /** Something is undecided: only then output need be shown to {@link echoed}. */
  get waiting(): boolean {
    return this.#stretches.length > 0;
  }

  /** Takes text that the client sent, and that is kept in a block. */
  typed(text: string, atUs: number, block = 0): void {
    this.expire(atUs);
    for (const typed of text.split(/(?<=[\r\n])/u)) {
      if (typed === "") continue;
      const stretch = this.#openStretch(atUs, block);
      stretch.typed += typed;
      stretch.lastTypedUs = atUs;
      stretch.entered = /[\r\n]$/u.test(typed);
      for (const printable of printablesOf(typed)) stretch.printables.push(printable);
      if (this.#stretches.length > undecidedLinesMax || stretch.printables.length > undecidedPrintablesMax)
        this.finish();
    }
  }

  /** Takes text that the target sent to the terminal. */
  echoed(text: string, atUs: number): void {
    this.expire(atUs);
    let stretch = this.#stretches[0];
    for (const character of stretch === undefined ? "" : text) {
      if (stretch === undefined) return;
      stretch.searched++;
      if (character === stretch.printables[stretch.echoed]) stretch.echoed++;
      else if ((character === "\n" && stretch.entered) || stretch.searched > searchedCharactersMax) {
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

  /** What was decided since it was asked last, one for each stretch, in order. */
  takeDecided(): Decided[] {
    return this.#decided.splice(0);
  }

  #openStretch(atUs: number, block: number): Stretch {
    const last = this.#stretches.at(-1);
    if (last !== undefined && !last.entered) return last;
    const stretch: Stretch = {
      ...{ typed: "", printables: [], echoed: 0, searched: 0, entered: false },
      ...{ firstTypedUs: atUs, lastTypedUs: atUs, firstBlock: block },
    };
    this.#stretches.push(stretch);
    return stretch;
  }

  #decideFirst(): void {
    const stretch = this.#stretches.shift();
    if (stretch === undefined) return;
    const echoed = stretch.echoed === stretch.printables.length;
    const text = echoed ? stretch.typed : dotted(stretch.typed);
    this.#decided.push({ text, fromUs: stretch.firstTypedUs, fromBlock: stretch.firstBlock });
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
