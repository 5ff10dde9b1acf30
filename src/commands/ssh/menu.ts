import type { CarriedCommand } from "../../control/index.js";
import { fetchLine } from "../certificate.js";
import { CommandError } from "../command-error.js";
import type { CommandContext } from "../define.js";
import { EXIT } from "../exit-status.js";
import { failureLines } from "../failure.js";
import { LineEditor, type Typed } from "./line-editor.js";
import { askable, fitted, menuScreen, type Choice } from "./menu-screen.js";
import { waitingLines } from "../requests.js";
import { runCommand } from "../run-command.js";
import { linesText } from "../../wording/index.js";
import type { RawValues } from "../values.js";

export interface MenuOptions {
  readonly idleMs?: number;
  readonly redrawAfterMs?: number;
}

/** How long a menu stays open with nobody there. */
const IDLE_MS = 10 * 60_000;
/** What needs no Return; a number does, as it may have more digits. */
const SINGLE_KEYS = ["a", "c", "r", "q"];
/** A window that is being dragged says so many times; it is drawn when it rests. */
const REDRAW_AFTER_MS = 150;

/** `ssh bastion` on a terminal, until its reader has had enough; gives the exit status. */
export function runMenu(
  context: CommandContext,
  carried: CarriedCommand,
  { idleMs = IDLE_MS, redrawAfterMs = REDRAW_AFTER_MS }: MenuOptions = {},
): Promise<number> {
  return new Menu(context, carried, idleMs).run(redrawAfterMs);
}

/** Somebody did not answer a question. */
class Left extends Error {
  readonly how: Exclude<Typed["kind"], "line">;

  constructor(how: Left["how"]) {
    super(how);
    this.how = how;
  }
}

class Menu {
  readonly #context: CommandContext;
  readonly #carried: CarriedCommand;
  readonly #editor: LineEditor;
  #columns: number;
  #written: Promise<unknown> = Promise.resolve();

  constructor(context: CommandContext, carried: CarriedCommand, idleMs: number) {
    this.#context = context;
    this.#carried = carried;
    this.#columns = carried.terminal?.columns ?? 80;
    const echo = (text: string) => {
      this.#put(text);
      return this.#written;
    };
    this.#editor = new LineEditor({ input: carried.input, echo, idleMs });
  }

  async run(redrawAfterMs: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    let redraw: () => void = () => undefined;
    let isWaiting = false;
    const redrawOnce = async () => {
      if (isWaiting) return;
      isWaiting = true;
      await this.#written; // a terminal that does not read is not drawn on again and again
      isWaiting = false;
      try {
        redraw();
      } catch (error) {
        if (!(error instanceof CommandError)) throw error; // who may see nothing any more learns it with the next key
      }
    };
    this.#carried.onResize(({ columns }) => {
      if (columns === this.#columns) return;
      this.#columns = columns;
      clearTimeout(timer);
      timer = setTimeout(() => void redrawOnce(), redrawAfterMs);
    });
    try {
      for (;;) {
        const choices = this.#draw();
        await this.#written;
        redraw = () => {
          this.#put("\n");
          this.#draw();
          this.#editor.redraw();
        };
        const typed = await this.#editor.ask("> ", (line) => SINGLE_KEYS.includes(line));
        redraw = () => undefined;
        if (typed.kind !== "line") return this.#leave(typed.kind);
        if (!(await this.#answered(typed.text.trim().toLowerCase(), choices))) return EXIT.done;
      }
    } catch (error) {
      if (error instanceof Left) return this.#leave(error.how);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #draw(): readonly Choice[] {
    const { lines, choices } = menuScreen(this.#context);
    this.#put(linesText(lines.map((line) => fitted(line, this.#columns))));
    return choices;
  }

  /** False when there is nothing more to be done. */
  async #answered(word: string, choices: readonly Choice[]): Promise<boolean> {
    if (word === "q") return false;
    try {
      if (word === "a") await this.#ask();
      else if (word === "c") await this.#certify();
      else if (/^\d+$/u.test(word)) await this.#choose(choices[Number(word) - 1], word);
      else if (word !== "" && word !== "r") this.#say(`There is no choice ${JSON.stringify(word)}.`);
    } catch (error) {
      if (!(error instanceof Left) || error.how !== "interrupted") throw error; // ^C goes back to the menu
    }
    return true;
  }

  async #choose(choice: Choice | undefined, word: string): Promise<void> {
    switch (choice?.kind) {
      case "request":
        return this.#decide(choice);
      case "review": {
        const comment = await this.#question("What did you find? ");
        if (comment !== "") await this.#run("review", { grant: [choice.held.grant.id], comment: [comment] });
        return;
      }
      case "target":
        return this.#askFor(choice.target, choice.logins);
      case undefined:
        this.#say(`There is no choice ${word}.`);
    }
  }

  async #decide({ held }: Extract<Choice, { kind: "request" }>): Promise<void> {
    const { request } = held;
    for (const line of waitingLines(this.#context, held)) this.#say(line);
    const { needs } = request;
    const isSigned = needs.kind !== "automatic" && needs.signed;
    if (isSigned)
      this.#say("Its role wants it signed: paste the line behind `approve` into another terminal.");
    const word = await this.#question(isSigned ? "d deny, Enter back: " : "a approve, d deny, Enter back: ");
    const values = { request: [request.id] };
    if (word === "a" && !isSigned) await this.#run("approve", values);
    if (word !== "d") return;
    const reason = await this.#question("Why not? ");
    if (reason !== "") await this.#run("deny", { ...values, reason: [reason] });
  }

  async #certify(): Promise<void> {
    await this.#run("cert", {});
    this.#say(`To keep it where ssh finds it: ${fetchLine(this.#context)}`);
  }

  async #ask(): Promise<void> {
    let target = "";
    while (target === "") target = await this.#question("Where to? ");
    await this.#askFor(target, askable(this.#context).get(target) ?? []);
  }

  async #askFor(target: string, logins: readonly string[]): Promise<void> {
    const [usual = ""] = logins;
    const login =
      (await this.#question(`As whom on ${target}${usual === "" ? "" : ` [${usual}]`}? `)) || usual;
    const duration = (await this.#question("For how long [30m]? ")) || "30m";
    const reason = await this.#question("Why? ");
    const why: RawValues = reason === "" ? {} : { reason: [reason] };
    await this.#run("request", { target: [target], as: [login], for: [duration], ...why });
  }

  async #question(prompt: string): Promise<string> {
    const typed = await this.#editor.ask(fitted(prompt, PROMPT_CHARS_MAX));
    if (typed.kind !== "line") throw new Left(typed.kind);
    return typed.text.trim();
  }

  async #run(command: string, values: RawValues): Promise<void> {
    const outcome = await runCommand(this.#context, { command, values });
    if (!outcome.ok) {
      this.#put(failureLines(outcome));
    } else {
      const { text, notes = [] } = outcome;
      this.#put(text + linesText(notes));
    }
    this.#put("\n");
  }

  #leave(how: Left["how"]): number {
    if (how === "idle") this.#say("Nobody has typed for a while; goodbye.");
    return how === "interrupted" ? EXIT.interrupted : EXIT.done;
  }

  #say(line: string): void {
    this.#put(`${line}\n`);
  }

  /** Whoever is gone reads nothing more; the end of their input says so. */
  #put(text: string): void {
    this.#written = this.#carried.write("stdout", text).catch(() => undefined);
  }
}

const PROMPT_CHARS_MAX = 120;
