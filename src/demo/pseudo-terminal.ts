import { closeSync, constants, openSync, writeSync } from "node:fs";
import { constants as systemConstants } from "node:os";
import { PassThrough, type Readable } from "node:stream";
import { ReadStream } from "node:tty";
import pty from "node-pty";
import { EndMark } from "./end-mark.js";

/** What node-pty 1.1.0 exports as `native`, outside its declared types. */
interface NativePty {
  fork(
    file: string,
    args: readonly string[],
    environment: readonly string[],
    folder: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (status: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  resize(fd: number, columns: number, rows: number): void;
}

const native = (pty as unknown as { native: NativePty }).native;

export interface PseudoTerminalOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended: its status, or the name of the signal that ended it. */
export type ProgramEnd = { readonly status: number } | { readonly signal: NodeJS.Signals };

/** A full terminal is asked again this often for room. */
const retryMs = 5;
/** With the program gone and the terminal stopped (Ctrl-S), this long without a byte counts as the end. */
const quietMs = 500;
/** A terminal's size is 16 bits. */
const sizeMax = 0xffff;

/**
 * A program on a pseudo-terminal of its own.
 *
 * node-pty's own stream loses the tail of what a short-lived program wrote: the terminal hangs up when the last process
 * lets go of it, and unread bytes go with it. So we hold its slave side open ourselves, and when the program is gone write
 * a mark there: what comes out before that mark is all there was.
 */
export class PseudoTerminal {
  readonly pid: number;
  /** Every byte that the program wrote, in order. Ends once the program is gone and the last byte is out. */
  readonly output: Readable;
  /** Resolves after `output` has ended, so that nothing of it can come too late. */
  readonly ended: Promise<ProgramEnd>;

  readonly #output = new PassThrough();
  readonly #mark = new EndMark();
  /** Owned by `#master`, which closes it. */
  readonly #fd: number;
  readonly #master: ReadStream;
  readonly #slave: number;
  #isOpen = true;
  #end: ProgramEnd | undefined;
  #lastByteMs = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor({ file, args, columns, rows, folder, env }: PseudoTerminalOptions) {
    const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const size = [clampSize(columns, 80), clampSize(rows, 24)] as const;
    const onExit = (status: number, signal: number) => {
      this.#end = signal === 0 ? { status } : { signal: signalName(signal) };
      this.#lastByteMs = performance.now();
      this.#writeMark();
    };
    const forked = native.fork(file, args, environment, folder, ...size, -1, -1, true, "", onExit);
    this.pid = forked.pid;
    this.#fd = forked.fd;
    this.#slave = openSync(forked.pty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    this.#master = new ReadStream(forked.fd);
    this.#master.on("data", (chunk: Buffer) => this.#read(chunk));
    this.#master.on("error", () => this.#finish());
    this.output = this.#output;
    this.#output.on("close", () => this.#finish());
    this.ended = new Promise((resolve) => {
      // Nobody reads on where the output was destroyed; the terminal's hang-up is what ends the program then.
      for (const event of ["end", "close"]) {
        this.#output.on(event, () => resolve(this.#end ?? { signal: "SIGHUP" }));
      }
    });
  }

  /** Resolves when the terminal has taken the bytes, or never will. */
  write(bytes: Uint8Array): Promise<void> {
    this.#writing = this.#writing.then(() => new Promise((resolve) => this.#writeAll(bytes, resolve)));
    return this.#writing;
  }

  /** Columns and rows; 0 means what SSH clients without a terminal mean by it: unknown. */
  resize(columns: number, rows: number): void {
    if (this.#isOpen) native.resize(this.#fd, clampSize(columns, 80), clampSize(rows, 24));
  }

  /** To the program and what runs in its process group. */
  signal(name: NodeJS.Signals): void {
    signalGroup(this.pid, name);
  }

  /** The terminal hangs up, which ends what runs on it. */
  close(): void {
    this.#finish();
  }

  #read(chunk: Buffer): void {
    this.#lastByteMs = performance.now();
    const isRoom = this.#output.write(this.#end === undefined ? chunk : this.#mark.take(chunk));
    if (this.#mark.isFound) {
      this.#finish();
    } else if (!isRoom) {
      this.#master.pause();
      this.#output.once("drain", () => this.#master.resume());
    }
  }

  #writeMark(): void {
    if (!this.#isOpen) return;
    try {
      writeSync(this.#slave, this.#mark.bytes);
    } catch {
      // Full or stopped. Full: there will be room as we read. Stopped: what was let through will have been read.
      const isQuiet = !this.#master.isPaused() && performance.now() - this.#lastByteMs > quietMs;
      if (isQuiet) this.#finish();
      else setTimeout(() => this.#writeMark(), retryMs);
    }
  }

  /** Not through `#master`: a stream hides when the terminal is full. The descriptor is non-blocking. */
  #writeAll(bytes: Uint8Array, done: () => void): void {
    let left = bytes;
    try {
      while (this.#isOpen && left.length > 0) left = left.subarray(writeSync(this.#fd, left));
      done();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN")
        setTimeout(() => this.#writeAll(left, done), retryMs);
      else done();
    }
  }

  #finish(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#slave);
    this.#master.destroy();
    if (!this.#output.destroyed) this.#output.end(this.#mark.rest());
  }
}

/** The program leads a process group; one that is gone already is no error. */
export function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function clampSize(given: number, otherwise: number): number {
  return given === 0 ? otherwise : Math.min(given, sizeMax);
}

function signalName(wanted: number): NodeJS.Signals {
  const found = Object.entries(systemConstants.signals).find(([, number]) => number === wanted);
  return (found?.[0] ?? "SIGKILL") as NodeJS.Signals;
}
