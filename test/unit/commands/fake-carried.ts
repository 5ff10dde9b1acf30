import type { CarriedCommand, ProvenCaller } from "../../../src/control/index.js";
import { sshRunner } from "../../../src/commands/serving.js";
import { fingerprint } from "../../../src/certificate/index.js";
import { prove, type Bench } from "../control/bench.js";

interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface FakeOptions {
  readonly line?: string;
  /** What the ssh client was told to log in as. */
  readonly user?: string;
  /** Of the certificate that they logged in with. */
  readonly serial?: string;
  readonly terminal?: Size;
  /** All that comes on stdin, and its end; without it nothing comes until `type`. */
  readonly input?: string | Buffer;
}

/** A command of ssh without ssh: somebody's login with their real key, and what was said to them. */
export class FakeCarried implements CarriedCommand {
  readonly caller: ProvenCaller;
  readonly line: string | undefined;
  readonly terminal?: { term: string } & Size;
  readonly input: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  stdout = "";
  stderr = "";
  readonly #gone = new AbortController();
  readonly #bytes: Buffer[] = [];
  #hasEnded = false;
  #wake: () => void = () => undefined;
  #onWritten: () => void = () => undefined;
  #onResize: (size: Size) => void = () => undefined;

  constructor(bench: Bench, name: string, { line, user = "x", serial, terminal, input }: FakeOptions = {}) {
    const key = bench.keyOf(name);
    const proof = prove(key, key.public.blob, user);
    const print = fingerprint(key.public);
    const about = { presence: false, clientAddress: "192.0.2.7" };
    const certified = serial !== undefined && { serial };
    this.caller = { identity: name, fingerprint: print, proof, ...about, ...certified };
    this.line = line;
    if (terminal) this.terminal = { term: "xterm", ...terminal };
    this.signal = this.#gone.signal;
    this.input = { [Symbol.asyncIterator]: () => this.#read() };
    if (input !== undefined) this.type(input, true);
  }

  type(bytes: string | Buffer, isEnd = false): void {
    this.#bytes.push(Buffer.from(bytes));
    this.#hasEnded ||= isEnd;
    this.#wake();
  }

  leave(): void {
    this.#hasEnded = true;
    this.#gone.abort(new Error("gone"));
    this.#wake();
  }

  resize(columns: number, rows: number): void {
    this.#onResize({ columns, rows });
  }

  onResize(listener: (size: Size) => void): void {
    this.#onResize = listener;
  }

  write(stream: "stdout" | "stderr", bytes: Buffer | string): Promise<void> {
    this[stream] += Buffer.from(bytes).toString("utf8");
    this.#onWritten();
    return Promise.resolve();
  }

  /** Resolves when either stream matches; with what stdout has said since the last time. */
  async said(text: RegExp): Promise<string> {
    while (!text.test(this.stdout + this.stderr))
      await new Promise<void>((resolve) => (this.#onWritten = resolve));
    const { stdout } = this;
    this.stdout = "";
    return stdout;
  }

  async *#read(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const bytes = this.#bytes.shift();
      if (bytes) yield bytes;
      else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

export interface Said {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `ssh bastion LINE` of somebody, to its end. */
export async function ssh(
  bench: Bench,
  name: string,
  line: string,
  options: FakeOptions = {},
): Promise<Said> {
  const carried = new FakeCarried(bench, name, { line, ...options });
  const exit = await sshRunner(bench.control)(carried);
  return { exit, stdout: carried.stdout, stderr: carried.stderr };
}
