import { randomFillSync } from "node:crypto";

/** Bytes of a data key, and of an apart key. */
export const dataKeyBytes = 32;

/** V8 keeps typed arrays of up to 64 bytes on its heap, and leaves copies of them behind whenever it collects. */
const unmovedBytes = 128;

/** Room for a key outside of V8's heap and of the pool that small buffers share: what is overwritten there is gone. */
export function allocateKey(): Buffer {
  return Buffer.allocUnsafeSlow(unmovedBytes).subarray(0, dataKeyBytes);
}

/** A new key out of the system's randomness. */
export function generateKey(): Buffer {
  return randomFillSync(allocateKey());
}
