import { message, type Transport } from "../ssh2/index.js";
import { WireWriter } from "../wire/index.js";
import type { RelayedChannel } from "./channel-table.js";
import type { Tap } from "./tap.js";
import { TerminalBoundary } from "./terminal-boundary.js";
import { lastLine, overlayLine, plainLine } from "./terminal-line.js";

const noticeFrame = 192;
const stderrCode = 1; // RFC 4254 section 5.2

/**
 * Text of our own towards the person: over the top row of a terminal, on stderr of a command. It is recorded as a notice
 * and paid for out of the channel's reserve: the part of the client's window that the target never heard of. The next window
 * adjusts fill it up again. So client and target both find the windows as they count them, whatever we say in between.
 */
export class TerminalText {
  readonly #client: Transport;
  readonly #tap: Tap;
  readonly #boundaries = new WeakMap<RelayedChannel, TerminalBoundary>();
  readonly #waiting = new Map<RelayedChannel, string>();

  constructor(client: Transport, tap: Tap) {
    this.#client = client;
    this.#tap = tap;
  }

  /** The target's output on a terminal, to know where a control sequence or a character is open. */
  follow(channel: RelayedChannel, bytes: Buffer): void {
    this.#boundary(channel).feed(bytes);
  }

  /** Shows `line` on every session channel, at once or at the next moment that its terminal and window allow. */
  notice(channels: Iterable<RelayedChannel>, line: string): void {
    for (const channel of channels) {
      if (channel.type !== "session" || !channel.started) continue;
      this.#waiting.set(channel, line);
      this.#tryNotice(channel);
    }
  }

  afterOutput(channel: RelayedChannel): void {
    if (this.#waiting.has(channel)) this.#tryNotice(channel);
  }

  afterWindow(channel: RelayedChannel): void {
    if (this.#waiting.has(channel)) this.#tryNotice(channel);
  }

  /** The last words on a channel that is being cut; left out when the reserve does not hold them. */
  farewell(channel: RelayedChannel, line: string): void {
    if (channel.type !== "session" || !channel.started || channel.targetNumber === undefined) return;
    const { alternateScreen } = this.#boundary(channel);
    this.#send(channel, channel.terminal ? lastLine(line, alternateScreen) : `${plainLine(line)}\n`);
  }

  /** Closes a channel towards the client; a program on it ends as by a signal (RFC 4254 section 6.10). */
  close(channel: RelayedChannel, line: string): void {
    const { clientNumber, started } = channel;
    if (clientNumber === undefined) return;
    if (started)
      this.#client.send(
        new WireWriter()
          .byte(message.channelRequest)
          .uint32(clientNumber)
          .string("exit-signal")
          .boolean(false)
          .string("TERM")
          .boolean(false)
          .string(line)
          .string("")
          .finish(),
      );
    this.#client.send(new WireWriter().byte(message.channelClose).uint32(clientNumber).finish());
  }

  #tryNotice(channel: RelayedChannel): void {
    const line = this.#waiting.get(channel);
    if (line === undefined) return;
    const terminal = channel.terminal;
    if (terminal && !this.#boundary(channel).atRest) return;
    if (this.#send(channel, terminal ? overlayLine(line, terminal.columns) : `${plainLine(line)}\n`))
      this.#waiting.delete(channel);
  }

  #send(channel: RelayedChannel, text: string): boolean {
    const bytes = Buffer.from(text, "utf8");
    const { clientNumber } = channel;
    const finished = channel.closedByTarget || channel.eofFromTarget || channel.closedByClient;
    if (clientNumber === undefined || finished || bytes.length > channel.reserve) return finished;
    this.#record(channel, bytes);
    channel.reserve -= bytes.length;
    channel.borrowed += bytes.length;
    const head = channel.terminal
      ? new WireWriter().byte(message.channelData).uint32(clientNumber)
      : new WireWriter().byte(message.channelExtendedData).uint32(clientNumber).uint32(stderrCode);
    this.#client.send(head.string(bytes).finish());
    return true;
  }

  /** A recorder that failed has already ended the session; its farewell goes out all the same. */
  #record(channel: RelayedChannel, bytes: Buffer): void {
    try {
      this.#tap.append(
        { type: noticeFrame, direction: "bastion", channel: channel.id, payload: bytes },
        false,
      );
    } catch {
      // the cut's reason is "recording-failed": there is nowhere left to write this
    }
  }

  #boundary(channel: RelayedChannel): TerminalBoundary {
    let boundary = this.#boundaries.get(channel);
    if (!boundary) {
      boundary = new TerminalBoundary();
      this.#boundaries.set(channel, boundary);
    }
    return boundary;
  }
}
