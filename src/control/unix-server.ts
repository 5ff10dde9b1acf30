import { unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { ControlError } from "./control-error.js";
import { closeToOthers, isThere } from "../home/index.js";

/**
 * Listens on a unix socket of the home, for its owner alone. A socket that a dead process left behind is removed.
 * Rejects with ControlError `socket-taken` when somebody answers on it.
 */
export async function listenOnSocket(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  if (isThere(path)) {
    if (await answers(path)) throw new ControlError("socket-taken", `another bascule serves ${path}`);
    unlinkSync(path);
  }
  const server = createServer(onConnection);
  const umask = process.umask(0o177); // so that the socket is never open to others, not even for a moment
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(umask);
  }
  closeToOthers(path);
  return server;
}

/** Whether some process listens on this socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
