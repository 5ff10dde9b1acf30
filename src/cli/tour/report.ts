/** Something of the tour that did not happen as it should. */
export class TourError extends Error {
  override readonly name = "TourError";
}

/** Prints what happens, step by step; a step that throws ends the tour. */
export class Report {
  readonly #say: (line: string) => void;
  #number = 0;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  title(title: string): void {
    this.#number += 1;
    this.#say(`\n${this.#number}. ${title}`);
  }

  /** Runs one step under its title. */
  async step<T>(title: string, run: () => Promise<T>): Promise<T> {
    this.title(title);
    return run();
  }

  /** A line that somebody would have typed. */
  typed(who: string, line: string): void {
    this.#say(`   ${who}$ ${line}`);
  }

  /** What came of it. */
  seen(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.#say(`   ${line.trimEnd()}`);
  }
}

/** Throws TourError unless it is so. */
export function expect(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new TourError(what);
}
