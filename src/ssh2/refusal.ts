import { randomBytes } from "node:crypto";
import { WireWriter } from "../wire/index.js";
import { identification } from "./identification.js";
import { message } from "./message-numbers.js";

/**
 * All that a connection gets which is turned away before any key exchange: identification and one unencrypted
 * SSH_MSG_DISCONNECT (RFC 4253 sections 6 and 11.1). OpenSSH shows its text; nothing of the peer is read.
 */
export function refusal(reason: number, text: string): Buffer {
  const payload = new WireWriter().byte(message.disconnect).uint32(reason).string(text).string("").finish();
  const paddingBytes = 4 + ((8 - ((4 + 1 + payload.length + 4) % 8)) % 8);
  const packet = new WireWriter()
    .uint32(1 + payload.length + paddingBytes)
    .byte(paddingBytes)
    .raw(payload)
    .raw(randomBytes(paddingBytes))
    .finish();
  return Buffer.concat([Buffer.from(`SSH-2.0-${identification}\r\n`), packet]);
}
