import { PseudoTerminal, type ProgramEnd } from "../../demo/index.js";
import { TourError } from "./report.js";

/** A program on a terminal that is typed at and looked at. */
export class DrivenTerminal {
  readonly #terminal: PseudoTerminal;
  readonly #changed = new Set<() => void>();
  #text = "";
  #end: ProgramEnd | undefined;

  constructor(file: string, args: readonly string[], folder: string) {
    const { PATH = "/usr/local/bin:/usr/bin:/bin", HOME = folder } = process.env;
    const env = { PATH, HOME, TERM: "xterm", LANG: "C.UTF-8" };
    this.#terminal = new PseudoTerminal({ file, args, folder, env, columns: 100, rows: 30 });
    this.#terminal.output.on("data", (bytes: Buffer) => {
      this.#text += bytes.toString("utf8");
      this.#wake();
    });
    void this.#terminal.ended.then((end) => {
      this.#end = end;
      this.#wake();
    });
  }

  /** Everything that was shown so far. */
  get text(): string {
    return this.#text;
  }

  /** Types a line. */
  async type(line: string): Promise<void> {
    await this.#terminal.write(Buffer.from(`${line}\r`));
  }

  /** Resolves when the text was shown. Throws TourError when it was not within the time, or cannot be any more. */
  async shows(text: string, withinMs: number): Promise<void> {
    await this.#until(() => this.#text.includes(text) || this.#end !== undefined, withinMs);
    if (!this.#text.includes(text))
      throw new TourError(`the terminal did not show ${JSON.stringify(text)}:\n${this.#text}`);
  }

  /** Resolves when the program has ended. */
  async ended(withinMs: number): Promise<ProgramEnd> {
    await this.#until(() => this.#end !== undefined, withinMs);
    if (this.#end === undefined) throw new TourError("the program on the terminal did not end");
    return this.#end;
  }

  close(): void {
    this.#terminal.close();
  }

  async #until(isSo: () => boolean, withinMs: number): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!isSo() && performance.now() < endMs) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          this.#changed.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, endMs - performance.now());
        this.#changed.add(wake);
      });
    }
  }

  #wake(): void {
    for (const wake of [...this.#changed]) wake();
  }
}
