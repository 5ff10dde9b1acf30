import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/**
 * Where a request comes from. A reverse proxy on this machine is believed when it says who it speaks for: the last
 * address that it added. Others are not; what they send is theirs to choose. Only limits and the log depend on it.
 */
export function clientAddress({ socket, headers }: IncomingMessage): string {
  const peer = socket.remoteAddress ?? "unknown";
  const forwarded = headers["x-forwarded-for"];
  if (!LOOPBACK.test(peer) || forwarded === undefined) return peer;
  const last = String(forwarded).split(",").at(-1)?.trim() ?? "";
  return isIP(last) === 0 ? peer : last;
}
