import { connect, Socket, type OnReadOpts, type Server } from "node:net";
import { joinPackets, releasePacket } from "./packet-memory.js";
import { momentMs, ReadPace } from "./read-pace.js";

/**
 * The bytes below one SSH connection: a TCP socket, or a channel of another SSH connection (`ssh -J`).
 * Exactly one transport owns it and sets the three callbacks before the first byte.
 */
export interface ByteChannel {
  onData: (bytes: Buffer) => void;
  /** The other side has taken what was queued; see `queuedBytes`. */
  onDrain: () => void;
  /** No more bytes will come or go. Called once. */
  onClose: () => void;
  /** What `onData` gives is valid during that call only: the channel reads into the same memory again. */
  readonly reusesMemory: boolean;
  /** Bytes that were written and not yet taken by the layer below. */
  readonly queuedBytes: number;
  /** Takes the bytes over; a packet is released (`releasePacket`) once it is copied or sent. */
  write(bytes: Buffer): void;
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  end(): void;
  /** Closes at once; queued bytes are lost. */
  destroy(): void;
}

const ignore = () => undefined;

/**
 * What one read takes from the kernel at most: under load a read brings several packets, and their recording and their
 * sending are each one system call.
 */
const readBytes = 256 * 1024;
/** One for all connections: a read is handed over, and used up, before the next one begins. */
const readBuffer = Buffer.allocUnsafeSlow(readBytes);

/** Dials. Attach `onError` for why it failed. */
export function dial(
  to: { host: string; port: number },
  events: { onConnect: () => void; onError: (error: Error) => void },
): SocketChannel {
  const channel = new SocketChannel((onread) => connect({ ...to, noDelay: true, onread }));
  channel.socket.once("connect", events.onConnect);
  channel.socket.once("error", events.onError);
  return channel;
}

/** What Node's sockets have inside: the connection itself, and the server that counts them. */
interface SocketInsides {
  _handle: object | null;
  _server: Server | null;
}

/**
 * A connection of a server with `pauseOnConnect`, which is read from {@link SocketChannel.resume} on. Node gives no way to say
 * where accepted sockets read to, so the connection moves to a new socket; `accepted` is an empty shell afterwards.
 */
export function acceptSocket(accepted: Socket): SocketChannel {
  const shell = accepted as unknown as SocketInsides;
  const { _handle: handle, _server: server } = shell;
  if (handle === null) throw new Error("a socket that was just accepted has no connection");
  return new SocketChannel((onread) => {
    const options = { handle, onread, pauseOnCreate: true, readable: true, writable: true };
    const socket = new Socket(options); // of these, the types know the last two
    (socket as unknown as SocketInsides)._server = server;
    [shell._handle, shell._server] = [null, null];
    return socket;
  });
}

/** A TCP socket as a byte channel. Writes of one turn of the event loop leave in one system call. */
export class SocketChannel implements ByteChannel {
  onData: (bytes: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: () => void = ignore;
  readonly reusesMemory = true;
  readonly socket: Socket;
  /** Bytes that the other side may send before it is dropped. */
  bytesMax = Infinity;
  readonly #pace = new ReadPace();
  #isPaused = false;
  #isResting = false;
  /** Packets of this turn, not yet given to the socket. */
  #packets: Buffer[] = [];
  #packetBytes = 0;

  /** `open` makes the socket, which reads into memory that all of them share. */
  constructor(open: (onread: OnReadOpts) => Socket) {
    const socket = open({
      buffer: readBuffer,
      callback: (length) => {
        this.#read(readBuffer.subarray(0, length));
        return true;
      },
    });
    this.socket = socket;
    socket.setNoDelay(true); // windows travel end to end; delayed acknowledgements cost a factor of five
    socket.on("data", ignore); // never called, but makes it flow: the end is told only then
    socket.on("drain", () => this.onDrain());
    socket.on("error", ignore); // followed by "close"
    socket.on("end", () => {
      this.end();
    });
    socket.on("close", () => this.onClose());
  }

  get queuedBytes(): number {
    return this.socket.writableLength + this.#packetBytes;
  }

  write(bytes: Buffer): void {
    this.#packets.push(bytes);
    this.#packetBytes += bytes.length;
    if (this.#packets.length === 1) process.nextTick(() => this.#flush());
  }

  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isResting) this.socket.resume();
  }

  end(): void {
    this.#flush();
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(bytes: Buffer): void {
    if (this.socket.bytesRead > this.bytesMax) {
      this.socket.destroy();
      return;
    }
    this.onData(bytes);
    if (!this.#pace.restsAfter(bytes.length, readBytes)) return;
    this.#isResting = true;
    this.socket.pause();
    setTimeout(() => {
      this.#isResting = false;
      if (!this.#isPaused) this.socket.resume();
    }, momentMs);
  }

  /** Packets that follow each other in memory go as one. */
  #flush(): void {
    const packets = this.#packets;
    if (packets.length === 0) return;
    this.#packets = [];
    this.#packetBytes = 0;
    const runs = joinPackets(packets);
    const release = (): void => {
      for (const packet of packets) releasePacket(packet);
    };
    this.socket.cork();
    for (const run of runs) this.socket.write(run, run === runs.at(-1) ? release : undefined);
    this.socket.uncork();
  }
}
