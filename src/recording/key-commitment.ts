import { createHmac, timingSafeEqual } from "node:crypto";
import { RecordingError } from "./recording-error.js";

/**
 * What only this key gives for this session: HMAC-SHA-256 of it, hexadecimal. AES-GCM alone would let one file open
 * under two keys to two stories.
 */
export function commitKey(key: Buffer, session: string): string {
  return createHmac("sha256", key).update(`bascule-recording-v1 key commitment\0${session}`).digest("hex");
}

/**
 * Checks a key against the commitment in a header.
 * @throws RecordingError `key-commitment`
 */
export function verifyCommitment(key: Buffer, session: string, commitment: string): void {
  if (!timingSafeEqual(Buffer.from(commitKey(key, session)), Buffer.from(commitment.padEnd(64).slice(0, 64))))
    throw new RecordingError(
      "key-commitment",
      "this key is not the one that the recording's header commits to",
    );
}
