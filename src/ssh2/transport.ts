import { WireReader, WireWriter } from "../wire/index.js";
import { serverOffer, clientOffer, userSignatureAlgorithms } from "./algorithms.js";
import type { ByteChannel } from "./byte-channel.js";
import { ExchangeSeam, type VerifyHostKey } from "./exchange-seam.js";
import { identification, IdentificationGate, softwareName } from "./identification.js";
import { KexInit, Protocol, sendPacket, type ProtocolConfig, type Ssh2Key } from "./insides.js";
import { message } from "./message-numbers.js";
import { allocateGcmPacket } from "./packet-memory.js";

/** Why a transport ended, for the operator; `peer` when the other side said so. */
export interface TransportEnd {
  readonly code: "CLOSED" | "DISCONNECTED" | "PROTOCOL_ERROR" | "HOST_KEY_REFUSED";
  readonly detail: string;
}

export interface TransportHandler {
  /** The first key exchange is done; nothing is authenticated yet. */
  onReady(): void;
  /** Every message above the transport layer, whole, in order. attacker-controlled: all of it. */
  onMessage(payload: Buffer): void;
  /** The peer has taken what was queued (see `queuedBytes`). */
  onDrain(): void;
  /** Called once; no other callback follows. */
  onEnd(end: TransportEnd): void;
}

/** When we start a new key exchange ourselves (RFC 4253 section 9). */
export interface RekeyPolicy {
  readonly bytes: number;
  readonly everyMs: number;
}

export interface ServerSide {
  readonly role: "server";
  /** Longest message taken; ssh2 itself takes packets of 35,000 bytes. */
  readonly messageBytesMax?: number;
  readonly hostKeys: readonly Ssh2Key[];
}

export interface ClientSide {
  readonly role: "client";
  readonly accepts: { plain: boolean; certified: boolean };
  verifyHostKey: VerifyHostKey;
}

/** Message number, channel number, length. */
const channelDataHeaderBytes = 9;
/** Bytes that the peer has not taken beyond which nothing more of it is read: its requests and pings have answers. */
const untakenBytesMax = 4 * 1024 * 1024;
/** Bytes held back by a key exchange beyond which the peer does not mean to finish it. */
const heldBytesMax = 8 * 1024 * 1024;
/** How long last words may take to leave: a client that stopped reading does not keep its connection. */
const lingerMs = 2000;

/**
 * One SSH transport (RFC 4253) over a byte channel, client or server, in ssh2's `Protocol`: identification, key exchange,
 * ciphers and packets are ssh2's; every message above them is handed over and sent as it is.
 */
export class Transport {
  readonly #channel: ByteChannel;
  readonly #handler: TransportHandler;
  readonly #side: ServerSide | ClientSide;
  readonly #rekey: RekeyPolicy;
  readonly #protocol: Protocol;
  readonly #seam: ExchangeSeam;
  readonly #messageBytesMax: number;
  #ready = false;
  #ended = false;
  #bytesSinceExchange = 0;
  #heldBytes = 0;
  #rekeyAtMs: number;
  #peerSoftware = "";
  #gate: IdentificationGate | undefined;
  #pausedByOwner = false;
  #untaken = false;

  constructor(
    channel: ByteChannel,
    side: ServerSide | ClientSide,
    rekey: RekeyPolicy,
    handler: TransportHandler,
  ) {
    this.#channel = channel;
    this.#handler = handler;
    this.#side = side;
    this.#messageBytesMax = (side.role === "server" ? side.messageBytesMax : undefined) ?? Infinity;
    this.#rekey = rekey;
    this.#rekeyAtMs = performance.now() + rekey.everyMs;
    this.#protocol = new Protocol(this.#configuration());
    this.#seam = new ExchangeSeam(this.#protocol);
    const keyExchange = this.#protocol._onPayload;
    this.#protocol._onPayload = (payload) => this.#receive(payload, keyExchange);
    channel.onData = (bytes) => this.#parse(bytes);
    this.#gate = new IdentificationGate(side.role === "server" ? "client" : "server");
    channel.onDrain = () => this.#onDrain();
    channel.onClose = () => this.#finish({ code: "CLOSED", detail: "connection closed" });
    this.#protocol.start();
  }

  /** The session identifier of RFC 4253 section 7.2; only after `onReady`. */
  get sessionId(): Buffer {
    const id = this.#protocol._kex?.sessionID;
    if (!id) throw new Error("session identifier asked for before the key exchange");
    return id;
  }

  /** What the peer calls itself, for the recording's header. attacker-controlled. */
  get peerSoftware(): string {
    return this.#peerSoftware;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that were sent and that the peer's side has not taken, including those held back by a key exchange. */
  get queuedBytes(): number {
    return this.#channel.queuedBytes + this.#heldBytes;
  }

  /** Sends one message; `payload` begins with the message number and is copied. */
  send(payload: Buffer): void {
    this.#send(payload.length, (packet, start) => packet.set(payload, start));
  }

  /** Sends SSH_MSG_CHANNEL_DATA (RFC 4254 section 5.2) of `length` bytes, which `fill` writes at the offset it is given. */
  sendData(channel: number, length: number, fill: (packet: Buffer, at: number) => void): void {
    this.#send(channelDataHeaderBytes + length, (packet, start) => {
      packet[start] = message.channelData;
      packet.writeUInt32BE(channel, start + 1);
      packet.writeUInt32BE(length, start + 5);
      fill(packet, start + channelDataHeaderBytes);
    });
  }

  /** Stops reading from the peer: the brake of end-to-end flow control. */
  pause(): void {
    this.#pausedByOwner = true;
    this.#channel.pause();
  }

  resume(): void {
    this.#pausedByOwner = false;
    if (!this.#untaken) this.#channel.resume();
  }

  /** Starts a key exchange now, unless one is under way. */
  rekey(): void {
    if (this.#ended || !this.#ready || this.#protocol._kexinit !== undefined) return;
    this.#restartRekeyClock();
    this.#protocol.rekey();
  }

  /** Says why (RFC 4253 section 11.1), then closes. The text is shown by the peer's ssh. */
  disconnect(reason: number, description: string): void {
    if (this.#ended) return;
    const payload = new WireWriter()
      .byte(message.disconnect)
      .uint32(reason)
      .string(description)
      .string("")
      .finish();
    const writer = this.#protocol._packetRW.write;
    const start = writer.allocStartKEX;
    const packet = writer.alloc(payload.length, true);
    packet.set(payload, start);
    sendPacket(this.#protocol, writer.finalize(packet, true), true);
    this.#endChannel();
    this.#finish({ code: "CLOSED", detail: description });
  }

  /** Closes at once, without a word; after `disconnect` there is nothing left to do. */
  destroy(): void {
    if (this.#ended) return;
    this.#channel.destroy();
    this.#finish({ code: "CLOSED", detail: "destroyed" });
  }

  #send(length: number, fill: (packet: Buffer, start: number) => void): void {
    if (this.#ended) return;
    if (this.#protocol._kexinit !== undefined && !this.#mayHold(length)) return;
    const writer = this.#protocol._packetRW.write;
    const start = writer.allocStart;
    const packet = writer.alloc(length);
    fill(packet, start);
    sendPacket(this.#protocol, writer.finalize(packet));
    this.#countBytes(length);
  }

  #configuration(): ProtocolConfig {
    const side = this.#side;
    const common = {
      ident: identification,
      onWrite: (bytes: Buffer) => this.#channel.write(bytes),
      onError: (error: Error) => this.#fail(error.message),
      onHandshakeComplete: () => this.#exchangeDone(),
      messageHandlers: {
        DISCONNECT: (_protocol: Protocol, reason: number, description: string) =>
          this.#onDisconnect(`reason ${reason}: ${description}`),
      },
    };
    if (side.role === "client")
      return {
        ...common,
        server: false,
        offer: clientOffer(side.accepts),
        hostVerifier: (key) => this.#seam.verifyHost(key, (hostKey) => side.verifyHostKey(hostKey)),
        onHeader: (header) => this.#onIdentification(header.versions.software),
      };
    const names = side.hostKeys.map((key) => key.type);
    return {
      ...common,
      server: true,
      offer: serverOffer(names, ""),
      hostKeys: Object.fromEntries(side.hostKeys.map((key) => [key.type, key])),
      onHeader: (header) => {
        const tailored = serverOffer(names, header.versions.software);
        tailored.kex.push("kex-strict-s-v00@openssh.com");
        this.#protocol._offer = new KexInit(tailored); // read by ssh2 right after this callback
        this.#onIdentification(header.versions.software);
      },
    };
  }

  #onIdentification(software: string): void {
    this.#peerSoftware = softwareName(software);
    this.#seam.watchFirstExchange();
  }

  #exchangeDone(): void {
    this.#heldBytes = 0;
    const cipher = this.#protocol._cipher;
    if (cipher.constructor.name === "AESGCMCipherBinding") cipher.allocPacket = allocateGcmPacket;
    this.#restartRekeyClock();
    if (this.#ready) {
      this.#onDrain(); // what was held back is on its way
      return;
    }
    this.#ready = true;
    if (this.#side.role === "server" && this.#seam.peerTakesExtInfo) this.send(extensionInfo);
    this.#handler.onReady();
  }

  #parse(bytes: Buffer): void {
    if (this.#ended) return;
    try {
      const read = this.#gate ? this.#gate.push(bytes) : bytes;
      if (!read) return;
      this.#gate = undefined;
      this.#read(read);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : "unreadable packet");
    }
    this.#waitUntilTaken();
  }

  #waitUntilTaken(): void {
    if (this.#ended || this.#untaken || this.#channel.queuedBytes <= untakenBytesMax) return;
    this.#untaken = true;
    this.#channel.pause();
  }

  #read(bytes: Buffer): void {
    const kept = this.#channel.reusesMemory && (!this.#ready || this.#protocol._kexinit !== undefined);
    const chunk = kept ? Buffer.from(bytes) : bytes; // ssh2 keeps parts of what it reads during a key exchange
    this.#protocol.parse(chunk, 0, chunk.length);
    if (chunk === bytes && this.#channel.reusesMemory) this.#keepPacketOf(chunk);
  }

  /** A packet that came whole but for its tag is a view into `chunk`, which will be written over. */
  #keepPacketOf(chunk: Buffer): void {
    const decipher = this.#protocol._decipher;
    if (decipher._packet?.buffer === chunk.buffer) decipher._packet = Buffer.from(decipher._packet);
  }

  #receive(payload: Buffer, keyExchange: (payload: Buffer) => unknown): unknown {
    if (this.#ended) return undefined;
    this.#countBytes(payload.length);
    if (payload.length > this.#messageBytesMax) {
      this.#fail(`message of ${payload.length} bytes`);
      return undefined;
    }
    const type = payload[0];
    switch (type) {
      case undefined:
      case message.ignore:
      case message.unimplemented:
      case message.debug:
        return undefined;
      case message.disconnect:
        this.#onDisconnect(disconnectText(payload));
        return undefined;
      case message.kexinit:
        return this.#seam.onKexinit(Buffer.from(payload), keyExchange);
      case message.ping:
        this.send(Buffer.concat([Buffer.of(message.pong), payload.subarray(1)]));
        return undefined;
      default:
        this.#handler.onMessage(payload);
        return undefined;
    }
  }

  #onDisconnect(detail: string): void {
    this.#finish({ code: "DISCONNECTED", detail });
    this.#endChannel();
  }

  #onDrain(): void {
    if (this.#ended) return;
    if (this.#untaken && this.#channel.queuedBytes <= untakenBytesMax) {
      this.#untaken = false;
      if (!this.#pausedByOwner) this.#channel.resume();
    }
    this.#handler.onDrain();
  }

  #mayHold(bytes: number): boolean {
    this.#heldBytes += bytes;
    if (this.#heldBytes > heldBytesMax) this.#fail("key exchange does not come to its end");
    return !this.#ended;
  }

  #countBytes(count: number): void {
    this.#bytesSinceExchange += count;
    if (this.#bytesSinceExchange >= this.#rekey.bytes || performance.now() >= this.#rekeyAtMs) this.rekey();
  }

  #restartRekeyClock(): void {
    this.#bytesSinceExchange = 0;
    this.#rekeyAtMs = performance.now() + this.#rekey.everyMs;
  }

  #fail(detail: string): void {
    if (this.#seam.hostRefused)
      this.#finish({ code: "HOST_KEY_REFUSED", detail: "the host key is not the one that is expected" });
    else this.#finish({ code: "PROTOCOL_ERROR", detail });
    this.#endChannel();
  }

  /** What is queued may still leave; a peer that does not take it, or a paused channel, is not waited for. */
  #endChannel(): void {
    this.#channel.end();
    setTimeout(() => this.#channel.destroy(), lingerMs).unref();
  }

  #finish(end: TransportEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#protocol.cleanup();
    this.#handler.onEnd(end);
  }
}

/** RFC 8308; `ping@openssh.com` lets OpenSSH ≥ 9.5 hide the rhythm of typing. */
const extensionInfo = new WireWriter()
  .byte(message.extInfo)
  .uint32(2)
  .string("server-sig-algs")
  .string(userSignatureAlgorithms.join(","))
  .string("ping@openssh.com")
  .string("0")
  .finish();

function disconnectText(payload: Buffer): string {
  try {
    const reader = new WireReader(payload, 1);
    return `reason ${reader.uint32()}: ${reader.string().toString("utf8")}`;
  } catch {
    return "malformed disconnect";
  }
}
