import { createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { closeAfterwards } from "./closing.js";

/**
 * How a target can be wrong below the SSH protocol; one with another host key is a real sshd with another `hostKey`.
 *
 * - `silent`: accepts and never says a word
 * - `closes`: accepts and closes at once
 * - `slow-banner`: sends its identification one byte a second
 * - `endless-banner`: sends lines before its identification and never comes to it
 * - `garbage`: identifies itself, then sends what is no SSH packet
 * - `stops`: identifies itself, then never says another word
 */
export type Lie = "silent" | "closes" | "slow-banner" | "endless-banner" | "garbage" | "stops";

export interface LyingTarget {
  readonly port: number;
  /** How many connections it has accepted. */
  accepted(): number;
  close(): Promise<void>;
}

const identification = "SSH-2.0-OpenSSH_9.2p1\r\n";

/** Listens on 127.0.0.1 and behaves as `lie` says to everybody who connects. */
export async function startLyingTarget(lie: Lie): Promise<LyingTarget> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count++;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.resume();
    void behave(lie, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    });
  closeAfterwards(close);
  return { port: (server.address() as AddressInfo).port, accepted: () => count, close };
}

async function behave(lie: Lie, socket: Socket): Promise<void> {
  switch (lie) {
    case "silent":
      return;
    case "closes":
      socket.end();
      return;
    case "stops":
      socket.write(identification);
      return;
    case "garbage":
      socket.write(identification);
      socket.write(Buffer.alloc(4096, 0xff));
      return;
    case "slow-banner":
      for (const letter of identification) await trickle(socket, letter, 1000);
      return;
    case "endless-banner":
      while (!socket.destroyed) await trickle(socket, "and another thing …\r\n", 1);
  }
}

async function trickle(socket: Socket, text: string, everyMs: number): Promise<void> {
  if (socket.destroyed) return;
  socket.write(text);
  await sleep(everyMs, undefined, { ref: false });
}
