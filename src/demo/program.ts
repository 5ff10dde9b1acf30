import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { PseudoTerminal, signalGroup, type ProgramEnd } from "./pseudo-terminal.js";

/** What one session runs. */
export interface ProgramRequest {
  /** The shell itself when left out. */
  readonly command?: string;
  readonly shell: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

/** A running program, on a terminal or on three pipes. */
export interface RunningProgram {
  readonly stdout: Readable;
  /** A terminal has but one output. */
  readonly stderr?: Readable;
  /** Resolves when it has ended and its outputs are at their end. */
  readonly ended: Promise<ProgramEnd>;
  /** Resolves when the program has room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** No more input. A terminal goes on: its end of input is a key. */
  endInput(): void;
  resize(columns: number, rows: number): void;
  signal(name: NodeJS.Signals): void;
  /** Nobody is there any more: what a closed connection does to its programs. */
  hangUp(): void;
}

const bash = "/bin/bash";
/**
 * What every login gets, whoever started the demo and however: the same prompt for all of them. A plain `sh` reads the
 * file that ENV names.
 */
export const loginShell = existsSync(bash) ? bash : "/bin/sh";
/**
 * Starts a program with nothing open but its own three descriptors. node-pty leaves the terminals of all other sessions
 * open in its children; only bash can close descriptors above 9.
 */
const closeInherited = existsSync(bash)
  ? [
      bash,
      "-c",
      'for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -lt 3 ] || eval "exec $fd>&-"; done; exec "$@"',
      bash,
    ]
  : ["/bin/sh", "-c", 'exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-', "/bin/sh"];
/** After a hang-up, how long a program may take to go before it is killed. */
const killAfterMs = 2_000;

export function startProgram(request: ProgramRequest): RunningProgram {
  const { command, shell } = request;
  const asked = command === undefined ? [shell, ...interactive(request)] : [shell, "-c", command];
  const [file = shell, ...args] = [...closeInherited, ...asked];
  const { terminal } = request;
  return terminal === undefined ? onPipes(file, args, request) : onTerminal(file, args, request, terminal);
}

/** A shell that reads a pipe takes commands from it, and is no place for prompts. */
function interactive({ terminal }: ProgramRequest): string[] {
  return terminal === undefined ? [] : ["-i"];
}

function onTerminal(
  file: string,
  args: readonly string[],
  { folder, env }: ProgramRequest,
  size: { readonly columns: number; readonly rows: number },
): RunningProgram {
  const terminal = new PseudoTerminal({ file, args, folder, env, ...size });
  return {
    stdout: terminal.output,
    ended: terminal.ended,
    write: (bytes) => terminal.write(bytes),
    endInput: () => undefined,
    resize: (columns, rows) => terminal.resize(columns, rows),
    signal: (name) => terminal.signal(name),
    hangUp: () => {
      endGroup(terminal.pid, terminal.ended);
      terminal.close();
    },
  };
}

function onPipes(file: string, args: readonly string[], { folder, env }: ProgramRequest): RunningProgram {
  // In a process group of its own, which a signal can be sent to.
  const child = spawn(file, args, { cwd: folder, env, detached: true });
  const { pid } = child;
  const ended = new Promise<ProgramEnd>((resolve) => {
    child.on("error", () => resolve({ status: 127 }));
    child.on("close", (status, signal) => resolve(signal === null ? { status: status ?? 255 } : { signal }));
  });
  child.stdin.on("error", () => undefined); // It need not read what it is sent.
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    write: (bytes) => new Promise((resolve) => child.stdin.write(bytes, () => resolve())),
    endInput: () => child.stdin.end(),
    resize: () => undefined,
    signal: (name) => (pid === undefined ? undefined : signalGroup(pid, name)),
    hangUp: () => {
      if (pid !== undefined) endGroup(pid, ended);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    },
  };
}

function endGroup(pid: number, ended: Promise<ProgramEnd>): void {
  signalGroup(pid, "SIGHUP");
  const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), killAfterMs);
  void ended.then(() => clearTimeout(timer));
}
