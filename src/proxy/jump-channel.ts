import { message, releasePacket, type ByteChannel, type Transport } from "../ssh2/index.js";
import { WireWriter } from "../wire/index.js";

const ignore = () => undefined;

/** What we let the client send before we have taken it; OpenSSH's own default for a forward (64 × 32 KiB). */
export const jumpWindowBytes = 2 * 1024 * 1024;
/** The longest data message we take. */
export const jumpPacketBytes = 32 * 1024;
/** Pieces that may wait to be taken before they are put together: a byte alone costs a hundred. */
const arrivedPiecesMax = 1024;
/** Bytes waiting in the outer connection beyond which we keep the rest here, where it can be counted per session. */
const outerQueueBytes = 1024 * 1024;

/** What the client said when it opened the channel (RFC 4254 section 5.1). */
export interface JumpEnd {
  readonly remoteNumber: number;
  readonly window: number;
  readonly packetBytes: number;
}

/**
 * A `direct-tcpip` channel of the outer connection as the byte channel of the inner one. Both windows are ours here:
 * we grant more only for what the inner connection has taken, and keep what the client has no window for.
 */
export class JumpChannel implements ByteChannel {
  onData: (bytes: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: () => void = ignore;
  readonly reusesMemory = true;
  readonly #outer: Transport;
  readonly #end: JumpEnd;
  readonly #onReleased: () => void;
  #window: number;
  #taken = 0;
  #paused = false;
  #arrived: Buffer[] = [];
  #arrivedBytes = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #flushScheduled = false;
  #ending = false;
  #closeSent = false;
  #closeReceived = false;
  #released = false;
  #closed = false;

  constructor(outer: Transport, end: JumpEnd, onReleased: () => void) {
    this.#outer = outer;
    this.#end = { ...end, packetBytes: Math.min(end.packetBytes, jumpPacketBytes) };
    this.#window = end.window;
    this.#onReleased = onReleased;
  }

  get queuedBytes(): number {
    return this.#waitingBytes;
  }

  /** The client's data message. False when it sent more than it was granted. */
  receive(bytes: Buffer): boolean {
    if (this.#paused) this.#keep(bytes);
    else this.#take(bytes);
    return this.#arrivedBytes <= jumpWindowBytes;
  }

  /** There is nothing to ask of a jump (RFC 4254 section 5.4). */
  refuseRequest(): void {
    if (!this.#closeSent)
      this.#outer.send(new WireWriter().byte(message.channelFailure).uint32(this.#end.remoteNumber).finish());
  }

  receiveWindow(bytes: number): void {
    this.#window += bytes;
    this.pump();
  }

  receiveEof(): void {
    this.#finish();
    this.#sendClose();
  }

  receiveClose(): void {
    this.#closeReceived = true;
    this.#finish();
    this.#sendClose();
  }

  write(bytes: Buffer): void {
    if (this.#ending || this.#closed) {
      releasePacket(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.pump();
    });
  }

  /** Sends what the client's window and the outer connection's queue have room for. */
  pump(): void {
    if (this.#closeSent) return;
    const before = this.#waitingBytes;
    while (this.#waitingBytes > 0 && this.#window > 0 && this.#outer.queuedBytes < outerQueueBytes)
      this.#sendPiece(Math.min(this.#waitingBytes, this.#window, this.#end.packetBytes));
    if (this.#waitingBytes === 0 && this.#ending) this.#sendClose();
    if (this.#waitingBytes < before) this.onDrain();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const arrived = this.#arrived;
    this.#arrived = [];
    this.#arrivedBytes = 0;
    for (const bytes of arrived) this.receive(bytes); // one of them may pause it again
  }

  end(): void {
    this.#ending = true;
    this.pump();
  }

  destroy(): void {
    this.#sendClose();
    this.#finish();
  }

  #keep(bytes: Buffer): void {
    this.#arrived.push(Buffer.from(bytes)); // the outer connection reads into the same memory again
    this.#arrivedBytes += bytes.length;
    if (this.#arrived.length > arrivedPiecesMax) this.#arrived = [Buffer.concat(this.#arrived)];
  }

  #take(bytes: Buffer): void {
    if (this.#closed) return;
    this.#taken += bytes.length;
    this.onData(bytes);
    if (this.#taken < jumpWindowBytes / 2 || this.#closeSent) return;
    const adjust = new WireWriter().byte(message.channelWindowAdjust).uint32(this.#end.remoteNumber);
    this.#outer.send(adjust.uint32(this.#taken).finish());
    this.#taken = 0;
  }

  #sendPiece(length: number): void {
    this.#window -= length;
    this.#waitingBytes -= length;
    this.#outer.sendData(this.#end.remoteNumber, length, (packet, at) => this.#fill(packet, at, length));
  }

  #fill(packet: Buffer, at: number, length: number): void {
    for (let filled = 0; filled < length;) {
      const first = this.#waiting[0] as Buffer;
      const part = Math.min(first.length, length - filled);
      first.copy(packet, at + filled, 0, part);
      filled += part;
      if (part === first.length) {
        this.#waiting.shift();
        releasePacket(first);
      } else this.#waiting[0] = first.subarray(part);
    }
  }

  #sendClose(): void {
    if (!this.#closeSent) {
      this.#closeSent = true;
      for (const type of [message.channelEof, message.channelClose])
        this.#outer.send(new WireWriter().byte(type).uint32(this.#end.remoteNumber).finish());
    }
    if (!this.#closeReceived || this.#released) return;
    this.#released = true;
    this.#onReleased();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const bytes of this.#waiting) releasePacket(bytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#arrived = [];
    this.#arrivedBytes = 0;
    this.onClose();
  }
}
