import { commandWindowBytes, type AskedCommand } from "../rpc/index.js";
import { message, type Transport } from "../ssh2/index.js";
import { WireWriter, type WireReader } from "../wire/index.js";
import {
  readLine,
  readSignal,
  readSize,
  readTerminal,
  type NoCommand,
  type Terminal,
} from "./command-request.js";
import type { CommandClient, CommandTable, StartedCommand } from "./command-table.js";
import { jumpPacketBytes, type JumpEnd } from "./jump-channel.js";

/** SSH_EXTENDED_DATA_STDERR */
const stderrCode = 1;
/** Bytes waiting in the connection beyond which a command's output waits here, where its sender is held back. */
const connectionQueueBytes = 64 * 1024;
/** Exit status of what is no command: a usage error. */
const usageStatus = 2;
const noSubsystem =
  "bascule: there are no subsystems here; for files, go to a target: sftp -J BASTION LOGIN@TARGET";

interface Output {
  readonly stream: "stdout" | "stderr";
  bytes: Buffer;
  /** Of control's bytes; line ends for a terminal come on top. */
  readonly taken: number;
}

/**
 * A `session` channel on the bastion itself (RFC 4254 section 6): one command, or a shell, that control runs. Both windows
 * are honoured end to end: the client may send what control's command takes, and control what the client takes.
 */
export class CommandChannel implements CommandClient {
  readonly #transport: Transport;
  readonly #end: JumpEnd;
  readonly #commands: CommandTable;
  readonly #login: string;
  readonly #onReleased: () => void;
  #terminal: Terminal | undefined;
  #command: StartedCommand | undefined;
  #window: number;
  #granted = commandWindowBytes;
  #toGrant = 0;
  #inputEnded = false;
  #outputs: Output[] = [];
  #stdoutClosed = false;
  #exit: number | undefined;
  #closeSent = false;

  constructor(
    transport: Transport,
    end: JumpEnd,
    commands: CommandTable,
    login: string,
    onReleased: () => void,
  ) {
    this.#transport = transport;
    this.#end = { ...end, packetBytes: Math.min(end.packetBytes, jumpPacketBytes) };
    this.#window = end.window;
    this.#commands = commands;
    this.#login = login;
    this.#onReleased = onReleased;
  }

  /** A channel request; `reader` is at what follows its name. Throws `WireError` on what cannot be read. */
  request(name: string, wantsReply: boolean, reader: WireReader): void {
    if (this.#closeSent) return;
    const reply = (isDone: boolean) => {
      if (wantsReply) this.#send(isDone ? message.channelSuccess : message.channelFailure);
    };
    switch (name) {
      case "pty-req":
        reply(this.#takeTerminal(reader));
        return;
      case "window-change":
        this.#resize(reader);
        return;
      case "shell":
      case "exec":
      case "subsystem":
        if (this.#isStarted) reply(false);
        else this.#start(askedBy(name, reader), reply);
        return;
      case "signal":
        this.#signal(readSignal(reader));
        return;
      case "eow@openssh.com":
        this.#closeStdout();
        return;
      default:
        reply(false); // also `env`: OpenSSH does not ask, and goes on without
    }
  }

  /** The client's input. False when it is more than was granted. */
  receive(bytes: Buffer): boolean {
    this.#granted -= bytes.length;
    if (this.#granted < 0) return false;
    if (!this.#inputEnded) this.#command?.input(bytes);
    return true;
  }

  receiveWindow(bytes: number): void {
    this.#window += bytes;
    this.pump();
  }

  receiveEof(): void {
    this.#inputEnded = true;
    this.#command?.inputEnded();
  }

  receiveClose(): void {
    this.#command?.gone();
    this.#outputs = [];
    this.#close();
    this.#onReleased();
  }

  output(stream: "stdout" | "stderr", bytes: Buffer): void {
    if (this.#closeSent || bytes.length === 0) return;
    if (stream === "stdout" && this.#stdoutClosed) {
      this.#command?.taken(bytes.length);
      return;
    }
    const shown = this.#terminal ? withCarriageReturns(bytes) : bytes;
    this.#outputs.push({ stream, bytes: shown, taken: bytes.length });
    this.pump();
  }

  inputTaken(bytes: number): void {
    this.#toGrant += bytes;
    if (this.#toGrant < commandWindowBytes / 2 || this.#closeSent) return;
    this.#transport.send(this.#message(message.channelWindowAdjust).uint32(this.#toGrant).finish());
    this.#granted += this.#toGrant;
    this.#toGrant = 0;
  }

  ended(exit: number): void {
    this.#exit = exit;
    this.pump();
  }

  /** Sends what the client's window and the connection's queue have room for, and the end when that was all. */
  pump(): void {
    if (this.#closeSent) return;
    for (let first = this.#outputs[0]; first; first = this.#outputs[0]) {
      const isBusy = this.#transport.queuedBytes >= connectionQueueBytes;
      const length = Math.min(first.bytes.length, this.#window, this.#end.packetBytes);
      if (length === 0 || isBusy) return;
      this.#sendPiece(first.stream, first.bytes.subarray(0, length));
      first.bytes = first.bytes.subarray(length);
      if (first.bytes.length > 0) continue;
      this.#outputs.shift();
      this.#command?.taken(first.taken);
    }
    if (this.#exit !== undefined) this.#finish(this.#exit);
  }

  get #isStarted(): boolean {
    return this.#command !== undefined || this.#exit !== undefined;
  }

  #takeTerminal(reader: WireReader): boolean {
    const terminal = readTerminal(reader);
    if (!terminal || this.#terminal || this.#isStarted) return false;
    this.#terminal = terminal;
    return true;
  }

  #resize(reader: WireReader): void {
    const size = readSize(reader);
    if (!this.#terminal) return;
    this.#terminal = { ...this.#terminal, ...size };
    this.#command?.resized(size.columns, size.rows);
  }

  #signal(name: string | undefined): void {
    if (name !== undefined) this.#command?.signalled(name);
  }

  #start(asked: AskedCommand | NoCommand, reply: (isDone: boolean) => void): void {
    reply(true);
    if (asked.kind === "none") {
      this.output("stderr", Buffer.from(`${asked.words}\n`));
      this.ended(usageStatus);
      return;
    }
    const terminal = this.#terminal
      ? ({ kind: "terminal", ...this.#terminal } as const)
      : ({ kind: "none" } as const);
    this.#command = this.#commands.start(this, { login: this.#login, asked, terminal });
    if (this.#inputEnded) this.#command.inputEnded();
  }

  /** Nobody reads stdout any more (`ssh bastion … | head`, PROTOCOL of OpenSSH): what would still come is not made. */
  #closeStdout(): void {
    this.#stdoutClosed = true;
    for (const { stream, taken } of this.#outputs) if (stream === "stdout") this.#command?.taken(taken);
    this.#outputs = this.#outputs.filter(({ stream }) => stream === "stderr");
    this.#command?.signalled("HUP");
    this.pump();
  }

  #sendPiece(stream: "stdout" | "stderr", bytes: Buffer): void {
    this.#window -= bytes.length;
    const data =
      stream === "stdout"
        ? this.#message(message.channelData)
        : this.#message(message.channelExtendedData).uint32(stderrCode);
    this.#transport.send(data.string(bytes).finish());
  }

  #finish(exit: number): void {
    const status = this.#message(message.channelRequest).string("exit-status").boolean(false);
    this.#transport.send(status.uint32(exit).finish());
    this.#send(message.channelEof);
    this.#close();
  }

  #close(): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#send(message.channelClose);
  }

  #send(type: number): void {
    this.#transport.send(this.#message(type).finish());
  }

  #message(type: number): WireWriter {
    return new WireWriter().byte(type).uint32(this.#end.remoteNumber);
  }
}

/** A terminal goes down with LF, and to the first column only with CR: what a terminal's driver does (ONLCR). */
function withCarriageReturns(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replaceAll("\n", "\r\n"), "latin1");
}

function askedBy(name: "shell" | "exec" | "subsystem", reader: WireReader): AskedCommand | NoCommand {
  if (name === "exec") return readLine(reader);
  // OpenSSH shows nothing of what is said beside a refusal: so a subsystem is begun, says why not, and fails
  return name === "shell" ? { kind: "shell" } : { kind: "none", words: noSubsystem };
}
