import type { Direction } from "../recording/index.js";
import { message, openFailureReason, type Transport } from "../ssh2/index.js";
import { WireReader, WireWriter } from "../wire/index.js";
import {
  hopRequests,
  kindOfGlobalRequest,
  kindOfOpen,
  kindOfRequest,
  mayCarry,
  type Allowed,
} from "./channel-rules.js";
import { ChannelError, ChannelTable, type RelayedChannel } from "./channel-table.js";
import type { Tap } from "./tap.js";
import { TerminalText } from "./terminal-text.js";

type Side = "client" | "target";

/** Bytes that one side has not yet taken, beyond which we stop reading from the other. */
const queuedBytesMax = 1024 * 1024;

/**
 * Bytes of a session channel's window that are kept for notices and last words, where the window is several times larger
 * (PuTTY begins with 16 KiB, OpenSSH with 2 MiB).
 */
const reserveBytes = 2048;

/** Answers of our own that a peer leaves unread, beyond what backpressure holds, before the session is ended. */
const unreadBytesMax = 8 * queuedBytesMax;

/** A request name that no server knows: the target itself then answers "failure", in the order of all answers. */
const refusedRequest = "refused@bascule";

export interface RelayRules {
  readonly allowed: Allowed;
  readonly environment: readonly string[];
  readonly channelsMax: number;
}

export interface RelayEvents {
  /** Something was refused inside the session. */
  onRefused(what: string, reason: string): void;
  /** The recorder failed or a peer broke the rules: nothing has passed since. */
  onBroken(error: Error): void;
}

/**
 * Passes the messages of the connection protocol (RFC 4254) between two authenticated transports, unchanged and in order:
 * channel numbers, windows, requests and their answers travel end to end, so that what is not known here works too.
 *
 * **Invariant:** a client's message is sent to the target only after `tap.flush` returned for it.
 */
export class Relay {
  readonly #client: Transport;
  readonly #target: Transport;
  readonly #tap: Tap;
  readonly #rules: RelayRules;
  readonly #events: RelayEvents;
  readonly #channels = new ChannelTable();
  readonly #text: TerminalText;
  #towardsTarget: Buffer[] = [];
  #stopped = false;
  #isHeld = false;

  constructor(client: Transport, target: Transport, tap: Tap, rules: RelayRules, events: RelayEvents) {
    this.#client = client;
    this.#target = target;
    this.#tap = tap;
    this.#rules = rules;
    this.#events = events;
    this.#text = new TerminalText(client, tap);
  }

  fromClient(payload: Buffer): void {
    this.#pass("client", payload);
  }

  fromTarget(payload: Buffer): void {
    this.#pass("target", payload);
  }

  /** The client has taken what was queued for it. */
  clientDrained(): void {
    if (!this.#isHeld && this.#client.queuedBytes < queuedBytesMax) this.#target.resume();
  }

  targetDrained(): void {
    if (!this.#isHeld && this.#target.queuedBytes < queuedBytesMax) this.#client.resume();
  }

  /** Reads nothing more from either side, until `release`. */
  hold(): void {
    this.#isHeld = true;
    this.#client.pause();
    this.#target.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.clientDrained();
    this.targetDrained();
  }

  /** Shows a line to the person, where there is a terminal or a stderr to show it on. */
  notice(line: string): void {
    if (!this.#stopped) this.#text.notice(this.#channels, line);
  }

  /**
   * Nothing passes any more. With a `line`, every channel is told why and closed towards the client, and true is given
   * when there was one; the target hears nothing.
   */
  stop(line: string | undefined): boolean {
    if (this.#stopped && line === undefined) return false;
    this.#stopped = true;
    this.#towardsTarget = [];
    if (line === undefined) return false;
    const open = [...this.#channels].filter(
      (channel) => channel.targetNumber !== undefined && !channel.closedByTarget,
    );
    for (const channel of open) {
      this.#text.farewell(channel, line);
      this.#text.close(channel, line);
    }
    return open.length > 0;
  }

  #pass(from: Side, payload: Buffer): void {
    if (this.#stopped) return;
    try {
      if (payload[0] === message.channelData) this.#passData(from, payload);
      else this.#passOther(from, payload);
    } catch (error) {
      this.#break(error);
    }
  }

  #passData(from: Side, payload: Buffer): void {
    if (payload.length < 9 || payload.readUInt32BE(5) !== payload.length - 9)
      throw new ChannelError("malformed channel data");
    const channel = this.#channels.recipientOf(from, payload.readUInt32BE(1));
    const terminal = channel.terminal !== undefined;
    this.#tap.append(
      { type: message.channelData, direction: from, channel: channel.id, payload: payload.subarray(9) },
      terminal,
    );
    if (from === "target" && terminal) this.#text.follow(channel, payload.subarray(9));
    this.#forward(from, payload);
    if (from === "target" && terminal) this.#text.afterOutput(channel);
  }

  #passOther(from: Side, payload: Buffer): void {
    const type = payload[0] ?? 0;
    const reader = new WireReader(payload, 1);
    switch (type) {
      case message.globalRequest:
        this.#onGlobalRequest(from, payload, reader);
        return;
      case message.channelOpen:
        this.#onOpen(from, payload, reader);
        return;
      case message.channelWindowAdjust:
        this.#onWindow(from, payload, reader);
        return;
      case message.channelRequest:
        this.#onRequest(from, payload, reader);
        return;
      case message.channelOpenConfirmation:
      case message.channelOpenFailure:
        this.#onOpenAnswer(from, payload, reader);
        return;
      case message.channelExtendedData:
      case message.channelEof:
      case message.channelClose:
      case message.channelSuccess:
      case message.channelFailure:
        this.#onChannelMessage(from, payload, reader);
        return;
      default:
        // answers to global requests, and numbers nobody has defined yet: about the connection, passed as they are
        if (type < message.globalRequest || type > 127) return;
        this.#record(from, type, 0, payload.subarray(1));
        this.#forward(from, payload);
    }
  }

  #onGlobalRequest(from: Side, payload: Buffer, reader: WireReader): void {
    const name = reader.text();
    const wantsReply = reader.boolean();
    this.#record(from, message.globalRequest, 0, payload.subarray(1));
    if (hopRequests.has(name)) {
      if (wantsReply) this.#forward(from, refusedGlobalRequest);
      return;
    }
    const kind = from === "client" ? kindOfGlobalRequest(name) : undefined;
    if (kind === undefined || this.#rules.allowed.has(kind)) {
      this.#forward(from, payload);
      return;
    }
    this.#refused(0, `global request ${name}`, kind);
    if (wantsReply) this.#forward(from, refusedGlobalRequest);
  }

  #onOpen(from: Side, payload: Buffer, reader: WireReader): void {
    const type = reader.text();
    const number = reader.uint32();
    const windowAt = reader.position;
    const window = reader.uint32();
    const kind = kindOfOpen(from, type);
    const allowed = kind === "session" || (kind !== undefined && this.#rules.allowed.has(kind));
    const full = this.#channels.size >= this.#rules.channelsMax;
    if (!allowed || full) {
      this.#record(from, message.channelOpen, 0, payload.subarray(1));
      this.#refused(0, `channel ${type}`, full ? "too-many-channels" : (kind ?? "unknown-channel-type"));
      this.#answerOpen(from, number, full ? undefined : (kind ?? `channels of type ${type.slice(0, 64)}`));
      return;
    }
    const channel = this.#channels.open(from, type, number);
    this.#record(from, message.channelOpen, channel.id, payload.subarray(1));
    if (from === "client" && type === "session" && window >= 4 * reserveBytes) channel.reserve = reserveBytes;
    const told = Buffer.from(payload);
    told.writeUInt32BE(window - channel.reserve, windowAt);
    this.#forward(from, told);
  }

  #onOpenAnswer(from: Side, payload: Buffer, reader: WireReader): void {
    const channel = this.#channels.recipientOf(from, reader.uint32());
    if (
      channel.openedBy === from ||
      (channel.clientNumber !== undefined && channel.targetNumber !== undefined)
    )
      throw new ChannelError(`${from} answers an open that it was not asked`);
    this.#record(from, payload[0] as number, channel.id, payload.subarray(5));
    if (payload[0] === message.channelOpenConfirmation)
      this.#channels.confirm(channel, from, reader.uint32());
    else this.#channels.remove(channel);
    this.#forward(from, payload);
  }

  #onWindow(from: Side, payload: Buffer, reader: WireReader): void {
    const channel = this.#channels.recipientOf(from, reader.uint32());
    const bytes = reader.uint32();
    reader.end();
    if (from === "target") {
      this.#forward(from, payload);
      return;
    }
    const held = Math.min(channel.borrowed, bytes);
    channel.borrowed -= held;
    channel.reserve += held;
    if (held === 0) this.#forward(from, payload);
    else if (bytes > held && channel.targetNumber !== undefined)
      this.#forward(
        from,
        new WireWriter()
          .byte(message.channelWindowAdjust)
          .uint32(channel.targetNumber)
          .uint32(bytes - held)
          .finish(),
      );
    this.#text.afterWindow(channel);
  }

  #onRequest(from: Side, payload: Buffer, reader: WireReader): void {
    const channel = this.#channels.recipientOf(from, reader.uint32());
    const name = reader.text();
    const wantsReply = reader.boolean();
    this.#record(from, message.channelRequest, channel.id, payload.subarray(5));
    if (from === "client" && channel.type === "session") {
      const subject = name === "env" || name === "subsystem" ? reader.text() : undefined;
      const kind = kindOfRequest(name, subject);
      const refused = kind !== undefined && !this.#rules.allowed.has(kind);
      const withheld = name === "env" && !mayCarry(subject ?? "", this.#rules.environment);
      if (refused) this.#refused(channel.id, `request ${name}`, kind);
      if (withheld)
        this.#recordDenied(channel.id, `request env ${subject ?? ""}`, "not in the list of what may be set");
      if (refused || withheld) {
        if (wantsReply) this.#forward(from, this.#refusedChannelRequest(payload));
        return;
      }
      this.#note(channel, name, kind, reader);
    }
    this.#forward(from, payload);
  }

  /** What the notices need to know about a session channel: RFC 4254 sections 6.2, 6.5 and 6.7. */
  #note(channel: RelayedChannel, name: string, kind: string | undefined, reader: WireReader): void {
    if (name === "pty-req") {
      reader.string(); // TERM
      channel.terminal = { columns: reader.uint32() };
    } else if (name === "window-change" && channel.terminal) channel.terminal = { columns: reader.uint32() };
    else if (kind === "shell" || kind === "exec" || name === "subsystem") channel.started = true;
  }

  #onChannelMessage(from: Side, payload: Buffer, reader: WireReader): void {
    const channel = this.#channels.recipientOf(from, reader.uint32());
    const type = payload[0] as number;
    if (type === message.channelExtendedData) this.#onExtendedData(from, channel, payload, reader);
    else this.#record(from, type, channel.id, payload.subarray(5));
    if (type === message.channelClose) this.#onClose(from, channel);
    if (type === message.channelEof && from === "target") channel.eofFromTarget = true;
    this.#forward(from, payload);
  }

  #onExtendedData(from: Side, channel: RelayedChannel, payload: Buffer, reader: WireReader): void {
    const code = payload.subarray(5, 9);
    reader.uint32();
    const data = reader.string();
    reader.end();
    const isTerminal = channel.terminal !== undefined;
    this.#record(from, message.channelExtendedData, channel.id, Buffer.concat([code, data]), isTerminal);
  }

  #onClose(from: Side, channel: RelayedChannel): void {
    if (from === "client") channel.closedByClient = true;
    else channel.closedByTarget = true;
    if (channel.closedByClient && channel.closedByTarget) this.#channels.remove(channel);
  }

  /** `forbidden` is what the role lacks; without it there are too many channels. */
  #answerOpen(opener: Side, number: number, forbidden: string | undefined): void {
    const [reason, text] =
      forbidden === undefined
        ? [openFailureReason.resourceShortage, "bascule: too many channels in one session"]
        : [openFailureReason.administrativelyProhibited, `bascule: your role does not allow ${forbidden}`];
    const answer = new WireWriter()
      .byte(message.channelOpenFailure)
      .uint32(number)
      .uint32(reason)
      .string(text)
      .string("")
      .finish();
    this.#record("bastion", message.channelOpenFailure, 0, answer.subarray(1));
    const side = opener === "client" ? this.#client : this.#target;
    side.send(answer);
    if (side.queuedBytes > unreadBytesMax) throw new ChannelError(`${opener} does not read its answers`);
  }

  #refusedChannelRequest(payload: Buffer): Buffer {
    return Buffer.concat([
      payload.subarray(0, 5),
      new WireWriter().string(refusedRequest).boolean(true).finish(),
    ]);
  }

  #refused(channel: number, what: string, kind: string): void {
    const reason = `needs ${kind}`;
    this.#recordDenied(channel, what, reason);
    this.#events.onRefused(what, reason);
  }

  #recordDenied(channel: number, what: string, reason: string): void {
    this.#record("bastion", 195, channel, Buffer.from(JSON.stringify({ what, reason })));
  }

  /** All but data is little and much the same, and so worth deflating; extended data only on a terminal. */
  #record(direction: Direction, type: number, channel: number, payload: Buffer, isSmall = true): void {
    this.#tap.append({ type, direction, channel, payload }, isSmall);
  }

  /** Towards the client at once; towards the target in one go at the end of this turn, after the recorder's write. */
  #forward(from: Side, payload: Buffer): void {
    if (from === "target") {
      this.#client.send(payload);
      if (this.#client.queuedBytes > queuedBytesMax) this.#target.pause();
      return;
    }
    this.#towardsTarget.push(payload);
    if (this.#towardsTarget.length === 1) queueMicrotask(() => this.#sendToTarget());
  }

  #sendToTarget(): void {
    if (this.#stopped) return;
    try {
      this.#tap.flush();
    } catch (error) {
      this.#break(error);
      return;
    }
    const payloads = this.#towardsTarget;
    this.#towardsTarget = [];
    for (const payload of payloads) this.#target.send(payload);
    if (this.#target.queuedBytes > queuedBytesMax) this.#client.pause();
  }

  #break(error: unknown): void {
    this.#stopped = true;
    this.#towardsTarget = [];
    this.#events.onBroken(error instanceof Error ? error : new Error(String(error)));
  }
}

const refusedGlobalRequest = new WireWriter()
  .byte(message.globalRequest)
  .string(refusedRequest)
  .boolean(true)
  .finish();
