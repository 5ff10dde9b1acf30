import { disconnectReason, message, openFailureReason, type Ssh2Key, type Transport } from "../ssh2/index.js";
import { WireReader, WireWriter } from "../wire/index.js";
import { commandWindowBytes } from "../rpc/index.js";
import { CommandChannel } from "./command-channel.js";
import { JumpChannel, type JumpEnd, jumpPacketBytes, jumpWindowBytes } from "./jump-channel.js";
import { controlAway } from "./control-away.js";
import type { Proxy } from "./proxy.js";

/** Who logged in to the bastion itself. */
export interface FrontUser {
  readonly identity: string;
  /** Control's name for this login. */
  readonly login: string;
  /** `ControlLink.losses` when control gave it. */
  readonly losses: number;
}

/** Serves the inner connection of a jump, showing this host key. */
export type ServeJump = (
  channel: JumpChannel,
  hostKey: Ssh2Key,
  jump: { target: string; identity: string },
) => void;

/** A connection to the bastion on which nothing is open ends after this time: it is of no use to anybody. */
const idleMs = 60_000;

/** Commands at once on one connection; OpenSSH makes another connection for what is refused here. */
const commandsMax = 8;
/** Jumps that may be refused on one connection; each leaves a ledger entry. */
const refusedJumpsMax = 50;
/** Answers that a client leaves unread before its connection is ended; jumps themselves queue far less. */
const unreadBytesMax = 8 * 1024 * 1024;

/**
 * The bastion's own side of the outer connection (RFC 4254): it answers `direct-tcpip` with an SSH server for the target's
 * name, and a session with a command that control runs. Everything else is refused: the bastion forwards nothing that it cannot read.
 */
export class BastionFront {
  readonly #proxy: Proxy;
  readonly #transport: Transport;
  readonly #user: FrontUser;
  readonly #serveJump: ServeJump;
  readonly #channels = new Map<number, JumpChannel | CommandChannel>();
  #nextNumber = 0;
  #refusedJumps = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(proxy: Proxy, transport: Transport, user: FrontUser, serveJump: ServeJump) {
    this.#proxy = proxy;
    this.#transport = transport;
    this.#user = user;
    this.#serveJump = serveJump;
    this.#watchIdleness();
  }

  receive(payload: Buffer): void {
    try {
      this.#dispatch(payload);
      if (this.#transport.queuedBytes > unreadBytesMax)
        this.#transport.disconnect(disconnectReason.byApplication, "answers are not read");
    } catch {
      this.#transport.disconnect(disconnectReason.protocolError, "malformed message");
    }
  }

  drained(): void {
    // commands first: a jump fills the queue as far as a command may
    for (const channel of this.#channels.values()) if (channel instanceof CommandChannel) channel.pump();
    for (const channel of this.#channels.values()) if (channel instanceof JumpChannel) channel.pump();
  }

  ended(): void {
    for (const channel of [...this.#channels.values()]) channel.receiveClose();
    this.#channels.clear();
    clearTimeout(this.#idleTimer);
    this.#proxy.control.report("loginEnded", { login: this.#user.login });
  }

  #dispatch(payload: Buffer): void {
    if (payload[0] === message.channelData) {
      this.#onData(payload);
      return;
    }
    const reader = new WireReader(payload, 1);
    switch (payload[0]) {
      case message.globalRequest:
        reader.text();
        if (reader.boolean()) this.#transport.send(Buffer.of(message.requestFailure));
        return;
      case message.channelOpen:
        this.#onOpen(reader);
        return;
      case message.channelWindowAdjust:
        this.#channel(reader)?.receiveWindow(reader.uint32());
        return;
      case message.channelEof:
        this.#channel(reader)?.receiveEof();
        return;
      case message.channelClose:
        this.#channel(reader)?.receiveClose();
        return;
      case message.channelRequest:
        this.#onRequest(reader);
        return;
      default:
    }
  }

  #onData(payload: Buffer): void {
    if (payload.length < 9 || payload.readUInt32BE(5) !== payload.length - 9)
      throw new Error("malformed data");
    const channel = this.#channels.get(payload.readUInt32BE(1));
    if (channel?.receive(payload.subarray(9)) === false)
      this.#transport.disconnect(disconnectReason.protocolError, "more data than was granted");
  }

  #channel(reader: WireReader): JumpChannel | CommandChannel | undefined {
    return this.#channels.get(reader.uint32());
  }

  #onRequest(reader: WireReader): void {
    const channel = this.#channel(reader);
    const name = reader.text();
    const wantsReply = reader.boolean();
    if (channel instanceof CommandChannel) channel.request(name, wantsReply, reader);
    else if (channel && wantsReply) channel.refuseRequest();
  }

  #onOpen(reader: WireReader): void {
    const type = reader.text();
    const end = { remoteNumber: reader.uint32(), window: reader.uint32(), packetBytes: reader.uint32() };
    if (this.#channels.size >= this.#proxy.settings.limits.channelsPerConnection)
      this.#refuseOpen(end.remoteNumber, openFailureReason.resourceShortage, "too many channels");
    else if (end.packetBytes < 1024)
      this.#refuseOpen(end.remoteNumber, openFailureReason.resourceShortage, "packets too small");
    else if (type === "direct-tcpip") void this.#openJump(reader.text(), reader.uint32(), end);
    else if (type === "session") this.#openCommand(end);
    else
      this.#refuseOpen(
        end.remoteNumber,
        openFailureReason.administrativelyProhibited,
        "bascule: only jumps to targets are possible here",
      );
  }

  #openCommand(end: JumpEnd): void {
    const commands = [...this.#channels.values()].filter((channel) => channel instanceof CommandChannel);
    if (commands.length >= commandsMax) {
      this.#refuseOpen(end.remoteNumber, openFailureReason.resourceShortage, "too many commands at once");
      return;
    }
    const number = this.#nextNumber++;
    const { login } = this.#user;
    const release = () => this.#release(number);
    this.#channels.set(
      number,
      new CommandChannel(this.#transport, end, this.#proxy.commands, login, release),
    );
    this.#confirmOpen(end.remoteNumber, number, commandWindowBytes);
  }

  async #openJump(target: string, port: number, end: JumpEnd): Promise<void> {
    const { identity, login } = this.#user;
    const number = this.#nextNumber++;
    const jump = new JumpChannel(this.#transport, end, () => this.#release(number));
    this.#channels.set(number, jump); // counts against the limit while control is asked
    try {
      const answer = await this.#proxy.control.call("mayReach", { login, target, port });
      if (!answer.ok) {
        this.#release(number);
        this.#refuseOpen(end.remoteNumber, openFailureReason.administrativelyProhibited, answer.text);
        this.#refusedJumps += 1;
        if (this.#refusedJumps >= refusedJumpsMax)
          this.#transport.disconnect(disconnectReason.byApplication, "too many refused jumps");
        return;
      }
      const hostKey = await this.#proxy.hostCertificates.hostKeyFor(target);
      if (this.#transport.ended) return;
      this.#confirmOpen(end.remoteNumber, number, jumpWindowBytes);
      this.#serveJump(jump, hostKey, { target, identity });
    } catch (error) {
      this.#proxy.log.error({ target, error: String(error) }, "jump could not be decided");
      this.#release(number);
      this.#refuseOpen(end.remoteNumber, openFailureReason.connectFailed, controlAway);
    }
  }

  #confirmOpen(remoteNumber: number, number: number, window: number): void {
    this.#transport.send(
      new WireWriter()
        .byte(message.channelOpenConfirmation)
        .uint32(remoteNumber)
        .uint32(number)
        .uint32(window)
        .uint32(jumpPacketBytes)
        .finish(),
    );
  }

  #refuseOpen(remoteNumber: number, reason: number, text: string): void {
    this.#transport.send(
      new WireWriter()
        .byte(message.channelOpenFailure)
        .uint32(remoteNumber)
        .uint32(reason)
        .string(text)
        .string("")
        .finish(),
    );
  }

  #release(number: number): void {
    this.#channels.delete(number);
    if (this.#channels.size === 0 && this.#user.losses !== this.#proxy.control.losses)
      this.#transport.disconnect(
        disconnectReason.byApplication,
        "bascule: control was restarted; connect again",
      );
    this.#watchIdleness();
  }

  #watchIdleness(): void {
    clearTimeout(this.#idleTimer);
    if (this.#transport.ended) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#channels.size === 0)
        this.#transport.disconnect(disconnectReason.byApplication, "idle connection closed");
    }, idleMs);
  }
}
