import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bastion } from "./bastion.js";
import { startClient, type ClientRun, type ClientRunOptions } from "./client-run.js";
import { closeAfterwards } from "./closing.js";
import { freePort } from "./sshd.js";
import { openssh } from "./tools.js";

/** `ssh -J bastion ARGS`, left running. */
export function startSsh(bastion: Bastion, args: readonly string[], options?: ClientRunOptions): ClientRun {
  return startClient(openssh("9.2").ssh, ["-F", bastion.sshConfig, "-J", "bastion", ...args], options);
}

/** A port that echoes, as something behind the target which a forward leads to. */
async function startEcho(): Promise<{ port: number; closed: () => boolean }> {
  let open = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    open += 1;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => (open -= 1));
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterwards(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, closed: () => open === 0 };
}

/** `ssh -N -L` with a connection through it that is used. */
export async function startForward(
  bastion: Bastion,
): Promise<{ run: ClientRun; cut: Promise<number>; reached: () => boolean }> {
  const [echo, port] = [await startEcho(), await freePort()];
  const run = startSsh(bastion, [
    "-o",
    "ExitOnForwardFailure=yes",
    "-N",
    "-L",
    `${port}:127.0.0.1:${echo.port}`,
    "prod",
  ]);
  let socket: Socket | undefined;
  for (let tries = 1; socket === undefined; tries += 1) {
    await sleep(100);
    const trying = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      trying.once("connect", () => {
        socket = trying;
        resolve();
      });
      trying.once("error", (error) => (tries < 100 ? resolve() : reject(error)));
    });
  }
  const live = socket;
  closeAfterwards(() => Promise.resolve(live.destroy()));
  const cut = new Promise<number>((resolve) => live.once("close", () => resolve(Date.now())));
  live.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    live.once("data", () => resolve());
    live.write("hello");
  });
  return { run, cut, reached: () => !echo.closed() };
}
