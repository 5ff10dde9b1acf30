import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeAfterwards } from "./closing.js";
import { endProcessTree } from "./processes.js";
import { programEnvironment } from "./run-program.js";

/** How a client ended. */
export interface ClientEnd {
  readonly status: number | null;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
}

/** A client that runs while the test does other things. */
export interface ClientRun {
  readonly pid: number;
  stdout(): Buffer;
  stderr(): string;
  readonly ended: Promise<ClientEnd>;
  /** Waits until stdout or stderr holds the text; rejects when the client ends first, or after `withinMs`. */
  says(text: string | RegExp, withinMs?: number): Promise<void>;
  type(text: string): void;
}

export interface ClientRunOptions {
  /** Whether what it prints is thrown away instead of kept. */
  readonly discard?: boolean;
  /** Whether its stdout is left unread: it will come to stand still. */
  readonly unread?: boolean;
}

/** Starts a program, its stdin a pipe that stays open. */
export function startClient(
  file: string,
  args: readonly string[],
  options: ClientRunOptions = {},
): ClientRun {
  const stdout: Buffer[] = [];
  let stderr = "";
  const child = spawn(file, args, {
    env: programEnvironment(),
    stdio: ["pipe", options.discard === true ? "ignore" : "pipe", "pipe"],
    detached: true,
  });
  const { pid = 0 } = child;
  let wake: () => void = () => undefined;
  if (options.unread !== true)
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout.push(chunk);
      wake();
    });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    wake();
  });
  child.stdin?.on("error", () => undefined); // it may end without reading
  let end: ClientEnd | undefined;
  const ended = once(child, "exit").then(async ([status]: (number | null)[]) => {
    end = { status: status ?? null, atMs: Date.now() };
    await new Promise((resolve) => setTimeout(resolve, 50)); // what it said last is on its way
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.destroy();
    wake();
    return end;
  });
  closeAfterwards(async () => {
    if (end === undefined) await endProcessTree(pid);
    await ended;
  });

  function says(text: string | RegExp, withinMs = 60_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        settle();
        reject(
          new Error(
            `${why} without ${String(text)}; it said:\n${Buffer.concat(stdout).toString().slice(-2000)}${stderr}`,
          ),
        );
      };
      const timer = setTimeout(() => fail(`${withinMs} ms went by`), withinMs);
      const settle = () => {
        clearTimeout(timer);
        wake = () => undefined;
      };
      wake = () => {
        const said = `${Buffer.concat(stdout).toString()}\n${stderr}`;
        if (typeof text === "string" ? said.includes(text) : text.test(said)) {
          settle();
          resolve();
        } else if (end !== undefined) fail("it ended");
      };
      wake();
    });
  }

  return {
    pid,
    stdout: () => Buffer.concat(stdout),
    stderr: () => stderr,
    ended,
    says,
    type: (text) => void child.stdin?.write(text),
  };
}
