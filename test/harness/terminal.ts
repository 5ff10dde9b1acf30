import xterm from "@xterm/headless";
import { PseudoTerminal, type ProgramEnd } from "../../src/demo/index.js";
import { closeAfterwards } from "./closing.js";
import { endProcessTree } from "./processes.js";
import { programEnvironment } from "./run-program.js";

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A person at a terminal: a program on a pseudo-terminal, its output and its screen. */
export interface Terminal {
  readonly pid: number;
  /** Types text; `\r` is the return key. */
  type(text: string): void;
  /**
   * Waits until the output since the last successful `waitFor` holds `wanted`, and takes it away up to and with it.
   *
   * @returns what was taken
   * @throws after `withinMs` (a minute when left out), or when the program ends before it says so; both show the output
   */
  waitFor(wanted: string | RegExp, withinMs?: number): Promise<string>;
  /** All output so far, as it was sent. */
  output(): string;
  /** The screen as the person sees it now: its lines without trailing blanks. */
  screen(): Promise<string>;
  resize(columns: number, rows: number): void;
  /** Resolves when the program has ended and all of its output is in. */
  readonly ended: Promise<ProgramEnd>;
  /** Ends the program. */
  close(): Promise<void>;
}

/** Starts a program on a terminal of its own. */
export function openTerminal(file: string, args: readonly string[], options: TerminalOptions = {}): Terminal {
  const { columns = 80, rows = 24, env = {}, cwd = process.cwd() } = options;
  const shown = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const environment = { ...programEnvironment(), ...env };
  const terminal = new PseudoTerminal({ file, args, columns, rows, folder: cwd, env: environment });
  const chunks: Buffer[] = [];
  let taken = 0;
  let hasEnded = false;
  let look: () => void = () => undefined;
  terminal.output.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    shown.write(chunk);
    look();
  });
  void terminal.ended.then(() => {
    hasEnded = true;
    look();
  });
  const output = () => Buffer.concat(chunks).toString();

  function waitFor(wanted: string | RegExp, withinMs = 60_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        settle();
        reject(
          new Error(
            `${why}: ${String(wanted)}; the output since the last wait was:\n${output().slice(taken)}`,
          ),
        );
      };
      const timer = setTimeout(() => fail(`not seen within ${withinMs} ms`), withinMs);
      const settle = () => {
        clearTimeout(timer);
        look = () => undefined;
      };
      look = () => {
        const fresh = output().slice(taken);
        const end = endOf(fresh, wanted);
        if (end === undefined) {
          if (hasEnded) fail("the program ended without");
          return;
        }
        taken += end;
        settle();
        resolve(fresh.slice(0, end));
      };
      look();
    });
  }

  async function close(): Promise<void> {
    if (!hasEnded) await endProcessTree(terminal.pid);
    terminal.close();
    shown.dispose();
  }

  closeAfterwards(close);
  return {
    pid: terminal.pid,
    type: (text) => void terminal.write(Buffer.from(text)),
    waitFor,
    output,
    screen: () => screenOf(shown),
    resize: (newColumns, newRows) => {
      shown.resize(newColumns, newRows);
      terminal.resize(newColumns, newRows);
    },
    ended: terminal.ended,
    close,
  };
}

/** Where in `text` the first match ends. */
function endOf(text: string, wanted: string | RegExp): number | undefined {
  if (typeof wanted === "string") {
    const at = text.indexOf(wanted);
    return at === -1 ? undefined : at + wanted.length;
  }
  const match = new RegExp(wanted.source, wanted.flags.replace("g", "")).exec(text);
  return match === null ? undefined : match.index + match[0].length;
}

async function screenOf(shown: InstanceType<typeof xterm.Terminal>): Promise<string> {
  // An empty write is called back when everything before it has been drawn.
  await new Promise<void>((resolve) => shown.write("", resolve));
  const { active } = shown.buffer;
  const lines = Array.from({ length: shown.rows }, (_, row) => {
    return active.getLine(active.viewportY + row)?.translateToString(true) ?? "";
  });
  return lines.join("\n").trimEnd();
}
