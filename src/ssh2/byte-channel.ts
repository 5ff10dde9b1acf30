import { connect, type Socket } from "node:net";
import { releasePacket } from "./packet-memory.js";

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

/** Dials; reads go into memory that all connections share. Attach `onError` for why it failed. */
export function dial(
  to: { host: string; port: number },
  events: { onConnect: () => void; onError: (error: Error) => void },
): SocketChannel {
  const channel: SocketChannel = new SocketChannel(
    connect({
      ...to,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length, buffer) => {
          channel.onData((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    }),
    true,
  );
  channel.socket.once("connect", events.onConnect);
  channel.socket.once("error", events.onError);
  return channel;
}

/** A TCP socket as a byte channel. Writes of one turn of the event loop leave in one system call. */
export class SocketChannel implements ByteChannel {
  onData: (bytes: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: () => void = ignore;
  readonly reusesMemory: boolean;
  readonly socket: Socket;
  #corked = false;

  constructor(socket: Socket, reusesMemory = false) {
    this.socket = socket;
    this.reusesMemory = reusesMemory;
    socket.setNoDelay(true); // windows travel end to end; delayed acknowledgements cost a factor of five
    socket.on("data", (bytes: Buffer) => this.onData(bytes));
    socket.on("drain", () => this.onDrain());
    socket.on("error", ignore); // followed by "close"
    socket.on("end", () => socket.end());
    socket.on("close", () => this.onClose());
  }

  get queuedBytes(): number {
    return this.socket.writableLength;
  }

  write(bytes: Buffer): void {
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(bytes, () => releasePacket(bytes));
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
