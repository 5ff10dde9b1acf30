import { RpcError } from "../rpc/index.js";

/** Bytes from a proxy's base64, strictly: what decodes re-encodes to the same text. Throws RpcError `PROTOCOL`. */
export function bytesOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) throw new RpcError("PROTOCOL", "not strict base64");
  return bytes;
}
