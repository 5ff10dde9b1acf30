import type { ByteChannel } from "./byte-channel.js";
import { releasePacket } from "./packet-memory.js";

const ignore = () => undefined;

/** One end of an in-memory connection. Bytes arrive in a later microtask, never within the write. */
class MemoryChannel implements ByteChannel {
  onData: (bytes: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: () => void = ignore;
  readonly queuedBytes = 0;
  readonly reusesMemory = false;
  peer: MemoryChannel | undefined;

  write(bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    releasePacket(bytes);
    const { peer } = this;
    queueMicrotask(() => peer?.onData(copy));
  }

  pause(): void {
    ignore();
  }

  resume(): void {
    ignore();
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    const { peer } = this;
    if (!peer) return;
    this.peer = undefined;
    queueMicrotask(() => peer.closedByPeer());
  }

  closedByPeer(): void {
    this.peer = undefined;
    this.onClose();
  }
}

/** Two byte channels joined to each other, for the start-up self-check and tests. */
export function memoryPair(): [ByteChannel, ByteChannel] {
  const [left, right] = [new MemoryChannel(), new MemoryChannel()];
  left.peer = right;
  right.peer = left;
  return [left, right];
}
