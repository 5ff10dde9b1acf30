import { spawn } from "node:child_process";
import { closeAfterwards } from "./closing.js";
import { endProcessTree, runMark } from "./processes.js";
import { openssh, type OpensshVersion } from "./tools.js";

export interface ProgramOptions {
  /** What its stdin holds; it is at its end at once when left out. */
  readonly input?: string | Uint8Array;
  /** Added to `programEnvironment()`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** After which it is killed and the promise rejects; 20 s when left out. */
  readonly timeoutMs?: number;
}

export interface ProgramResult {
  /** null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The environment of a started program: nothing of the developer's agent, locale or terminal. */
export function programEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "/" } = process.env;
  return { PATH, HOME, LANG: "C.UTF-8", TERM: "xterm-256color", ...runMark };
}

/**
 * Runs a program to its end. It never sees a terminal.
 *
 * @throws when it cannot be started or takes longer than `timeoutMs`; the message holds what it said so far
 */
export function runProgram(
  file: string,
  args: readonly string[],
  { input, env = {}, cwd, timeoutMs = 60_000 }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...programEnvironment(), ...env }, detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const kill = () => (child.pid === undefined ? Promise.resolve() : endProcessTree(child.pid));
    closeAfterwards(() => (child.exitCode === null && child.signalCode === null ? kill() : undefined));
    const timer = setTimeout(() => {
      const said = Buffer.concat([...stdout, ...stderr]).toString();
      reject(new Error(`${file} ${args.join(" ")}: not done after ${timeoutMs} ms; it said: ${said}`));
      void kill();
    }, timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => undefined); // It may end without reading everything.
    child.stdin.end(input);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** The real `ssh`. Reads no configuration but one given by `-F`, asks nothing, and says what it does only when asked. */
export function runSsh(
  version: OpensshVersion,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const configuration = args.includes("-F") ? [] : ["-F", "none"];
  return runProgram(openssh(version).ssh, [...configuration, "-o", "BatchMode=yes", ...args], options);
}
