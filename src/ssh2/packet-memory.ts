import { randomFillSync } from "node:crypto";

/**
 * Memory for outgoing packets. ssh2 makes a new buffer and asks the random generator for each packet; under a bulk copy the
 * garbage collector then takes a third of the time. Packets are carved from slabs instead, and a slab is used again when the
 * last packet in it was released. A packet that nobody releases only keeps its slab from being used again.
 *
 * Packets are filled and encrypted in place within one call, so what a slab holds between calls is ciphertext.
 */
const slabBytes = 512 * 1024;
/** Slabs kept for use; more are dropped. */
const slabsMax = 16;
const paddingPoolBytes = 8 * 1024;

interface Slab {
  readonly bytes: Buffer;
  used: number;
  live: number;
}

const slabs = new Map<ArrayBufferLike, Slab>();
const free: Slab[] = [];
let current = addSlab();
const paddingPool = Buffer.alloc(paddingPoolBytes);
let paddingUsed = paddingPoolBytes;

function addSlab(): Slab {
  const slab = { bytes: Buffer.allocUnsafeSlow(slabBytes), used: 0, live: 0 };
  slabs.set(slab.bytes.buffer, slab);
  return slab;
}

function carve(length: number): Buffer {
  if (length > slabBytes / 4) return Buffer.allocUnsafe(length);
  if (current.used + length > slabBytes) {
    if (slabs.size > slabsMax) slabs.delete(current.bytes.buffer);
    current = free.pop() ?? addSlab();
  }
  const packet = current.bytes.subarray(current.used, current.used + length);
  current.used += length;
  current.live += 1;
  return packet;
}

/** The packet has been copied or sent, and its writer will not look at it again. Once per packet. */
export function releasePacket(packet: Buffer): void {
  const slab = slabs.get(packet.buffer);
  if (!slab) return;
  slab.live -= 1;
  if (slab.live > 0) return;
  slab.used = 0;
  if (slab !== current) free.push(slab);
}

/** The same bytes in as few views as they lie in one after another: packets of one turn are mostly neighbours in a slab. */
export function joinPackets(packets: readonly Buffer[]): Buffer[] {
  const runs: Buffer[] = [];
  for (const packet of packets) {
    const last = runs.at(-1);
    const isNeighbour = last?.buffer === packet.buffer && last.byteOffset + last.length === packet.byteOffset;
    if (!isNeighbour) runs.push(packet);
    else runs[runs.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + packet.length);
  }
  return runs;
}

function fillPadding(packet: Buffer, at: number, length: number): void {
  if (paddingUsed + length > paddingPoolBytes) {
    randomFillSync(paddingPool);
    paddingUsed = 0;
  }
  paddingPool.copy(packet, at, paddingUsed, paddingUsed + length);
  paddingUsed += length;
}

const gcmBlockBytes = 16;
const gcmTagBytes = 16;
const paddingBytesMin = 4;

/** `allocPacket` of ssh2's native AES-GCM cipher: length, padding length, payload, padding, room for the tag. */
export function allocateGcmPacket(payloadLength: number): Buffer {
  const unpadded = 1 + payloadLength;
  let padding = gcmBlockBytes - (unpadded % gcmBlockBytes);
  if (padding < paddingBytesMin) padding += gcmBlockBytes;
  const packet = carve(4 + unpadded + padding + gcmTagBytes);
  packet.writeUInt32BE(unpadded + padding, 0);
  packet[4] = padding;
  fillPadding(packet, 5 + payloadLength, padding);
  return packet;
}
