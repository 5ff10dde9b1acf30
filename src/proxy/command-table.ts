import { commandPieceBytesMax, type Orders, type Reports } from "../rpc/index.js";
import { controlAway } from "./control-away.js";
import type { ControlLink } from "./control-link.js";

/** Exit status when it is worth trying again: EX_TEMPFAIL. */
const tryLaterStatus = 75;

/** A command's channel, as far as control goes. */
export interface CommandClient {
  output(stream: "stdout" | "stderr", bytes: Buffer): void;
  /** Control's command has taken so many bytes of input. */
  inputTaken(bytes: number): void;
  /** The command has ended; nothing more comes. */
  ended(exit: number): void;
}

export type StartOfCommand = Omit<Reports["commandStarted"], "command">;

/** Where a started command's channel says what its client does. After the command's end nothing of it is heard. */
export interface StartedCommand {
  input(bytes: Buffer): void;
  inputEnded(): void;
  resized(columns: number, rows: number): void;
  signalled(signal: string): void;
  /** The client has taken so many bytes of output. */
  taken(bytes: number): void;
  gone(): void;
}

/** The commands of this proxy's clients that control is running. */
export class CommandTable {
  readonly #control: ControlLink;
  readonly #clients = new Map<number, CommandClient>();
  #lastNumber = 0;

  constructor(control: ControlLink) {
    this.#control = control;
  }

  /** Has control run it. While control is away the client is told so, and that is the end of it. */
  start(client: CommandClient, about: StartOfCommand): StartedCommand {
    const command = (this.#lastNumber += 1);
    const report = this.#reporter(command);
    if (this.#control.linked) {
      this.#clients.set(command, client);
      this.#control.report("commandStarted", { ...about, command });
    } else sayAway(client);
    return {
      input: (bytes) => {
        for (let at = 0; at < bytes.length; at += commandPieceBytesMax) {
          const piece = bytes.subarray(at, at + commandPieceBytesMax).toString("base64");
          report("commandInput", { command, bytes: piece, isEnd: false });
        }
      },
      inputEnded: () => report("commandInput", { command, bytes: "", isEnd: true }),
      resized: (columns, rows) => report("commandResized", { command, columns, rows }),
      signalled: (signal) => report("commandSignalled", { command, signal }),
      taken: (bytes) => report("commandTaken", { command, bytes }),
      gone: () => {
        report("commandGone", { command });
        this.#clients.delete(command);
      },
    };
  }

  output({ command, stream, bytes }: Orders["commandOutput"]): void {
    this.#clients.get(command)?.output(stream, Buffer.from(bytes, "base64"));
  }

  inputTaken({ command, bytes }: Orders["commandTaken"]): void {
    this.#clients.get(command)?.inputTaken(bytes);
  }

  ended({ command, exit }: Orders["commandEnded"]): void {
    const client = this.#clients.get(command);
    this.#clients.delete(command);
    client?.ended(exit);
  }

  /** Control is gone, and with it every command that it ran. */
  controlLost(): void {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of clients) sayAway(client);
  }

  #reporter(command: number) {
    return <N extends keyof Reports>(name: N, params: Reports[N]): void => {
      if (this.#clients.has(command)) this.#control.report(name, params);
    };
  }
}

function sayAway(client: CommandClient): void {
  client.output("stderr", Buffer.from(`${controlAway}\n`));
  client.ended(tryLaterStatus);
}
