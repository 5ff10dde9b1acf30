import { commandPieceBytesMax, commandWindowBytes, type OrderName, type Orders } from "../../rpc/index.js";
import type { CarriedCommand, CarriedTerminal, ProvenCaller } from "./carried-command.js";
import { CommandAborted } from "./command-aborted.js";

/** ^C and ^D of a terminal in raw mode: for a line they mean what a shell's terminal makes of them. */
const INTERRUPT = 0x03;
const END_OF_INPUT = 0x04;

/** What a command says to its proxy. */
export interface CommandCarrier {
  send<N extends OrderName>(name: N, order: Orders[N]): void;
}

export interface Carried {
  readonly number: number;
  readonly caller: ProvenCaller;
  readonly line: string | undefined;
  readonly terminal: CarriedTerminal | undefined;
}

const ignore = (): void => undefined;

/** A command's two streams between the runner and the proxy, neither with more under way than `commandWindowBytes`. */
export class RunningCommand implements CarriedCommand {
  readonly caller: ProvenCaller;
  readonly line: string | undefined;
  readonly terminal?: CarriedTerminal;
  readonly input: AsyncIterable<Buffer>;
  readonly #number: number;
  readonly #carrier: CommandCarrier;
  readonly #abort = new AbortController();
  readonly #resizeListeners: ((size: { columns: number; rows: number }) => void)[] = [];
  #isGone = false;
  #arrived: Buffer[] = [];
  #arrivedBytes = 0;
  #inputEnded = false;
  #wakeReader = ignore;
  #untakenBytes = 0;
  #wakeWriter = ignore;
  #written: Promise<unknown> = Promise.resolve();

  constructor(carrier: CommandCarrier, { number, caller, line, terminal }: Carried) {
    this.#carrier = carrier;
    this.#number = number;
    this.caller = caller;
    this.line = line;
    if (terminal) this.terminal = terminal;
    this.input = { [Symbol.asyncIterator]: () => this.#read() };
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  onResize(listener: (size: { columns: number; rows: number }) => void): void {
    this.#resizeListeners.push(listener);
  }

  write(stream: "stdout" | "stderr", bytes: Buffer | string): Promise<void> {
    const turn = this.#written.then(() => this.#send(stream, Buffer.from(bytes)));
    this.#written = turn.catch(ignore);
    return turn;
  }

  /** Sends the last word once all that was written is on its way. */
  async end(exit: number): Promise<void> {
    await this.#written;
    if (!this.#isGone) this.#carrier.send("commandEnded", { command: this.#number, exit });
  }

  /** Input from the client; false when it is more than was granted, or comes after its end. */
  receive(bytes: Buffer, isEnd: boolean): boolean {
    if (this.#inputEnded && bytes.length > 0) return !this.#isRaw; // typed after ^D
    const kept = this.#isRaw ? bytes : this.#cook(bytes);
    if (kept.length > 0) this.#arrived.push(kept);
    this.#arrivedBytes += kept.length;
    this.#inputEnded ||= isEnd;
    this.#wakeReader();
    return this.#arrivedBytes <= commandWindowBytes;
  }

  resized(size: { columns: number; rows: number }): void {
    for (const listener of this.#resizeListeners) listener(size);
  }

  /** The client has taken output. */
  taken(bytes: number): void {
    this.#untakenBytes = Math.max(0, this.#untakenBytes - bytes);
    this.#wakeWriter();
  }

  interrupt(): void {
    this.#stop(new CommandAborted("interrupted", "interrupted"));
  }

  /** Its login is not good any more; `words` say why. */
  refuse(words: string): void {
    this.#stop(new CommandAborted("refused", words));
  }

  gone(): void {
    this.#isGone = true;
    this.#stop(new CommandAborted("gone", "the client is gone"));
    this.#wakeWriter();
  }

  /** A shell reads its keys itself, and what is no terminal has none. */
  get #isRaw(): boolean {
    return this.terminal === undefined || this.line === undefined;
  }

  /** What a terminal's driver would do with the keys of somebody who runs a line. */
  #cook(bytes: Buffer): Buffer {
    if (bytes.includes(INTERRUPT)) this.interrupt();
    const end = bytes.indexOf(END_OF_INPUT);
    this.#inputEnded ||= end !== -1;
    return end === -1 ? bytes : bytes.subarray(0, end);
  }

  #stop(reason: CommandAborted): void {
    this.#abort.abort(reason); // the first reason stays
    this.#wakeReader();
  }

  async *#read(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      this.signal.throwIfAborted();
      const piece = this.#arrived.shift();
      if (piece) {
        this.#arrivedBytes -= piece.length;
        this.#carrier.send("commandTaken", { command: this.#number, bytes: piece.length });
        yield piece;
      } else if (this.#inputEnded) return;
      else await new Promise<void>((resolve) => (this.#wakeReader = resolve));
    }
  }

  async #send(stream: "stdout" | "stderr", bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      while (this.#untakenBytes >= commandWindowBytes && !this.#isGone)
        await new Promise<void>((resolve) => (this.#wakeWriter = resolve));
      if (this.#isGone) throw this.signal.reason;
      const room = Math.min(commandPieceBytesMax, commandWindowBytes - this.#untakenBytes);
      const piece = bytes.subarray(at, at + room);
      at += piece.length;
      this.#untakenBytes += piece.length;
      const order = { command: this.#number, stream, bytes: piece.toString("base64") };
      this.#carrier.send("commandOutput", order);
    }
  }
}
