import type { AddressInfo } from "node:net";
import ssh2 from "ssh2";
import { closeAfterwards } from "./closing.js";
import { makeKey } from "./ssh-keys.js";

/** A target in this process that keeps what it receives, so that hundreds of sessions cost no process each. */
export interface CollectingTarget {
  readonly port: number;
  readonly hostKeyLine: string;
  /** What arrived on the channel that this command was executed on, with or without a terminal. */
  received(command: string): Buffer;
  /** Commands whose channels are open now. */
  readonly open: ReadonlySet<string>;
}

/** Listens on 127.0.0.1, lets everybody in, and takes what is sent to any command. */
export async function startCollectingTarget(): Promise<CollectingTarget> {
  const hostKey = await makeKey("collecting-target");
  const received = new Map<string, Buffer[]>();
  const open = new Set<string>();
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (client) => {
    client.on("error", () => undefined); // whoever is at the other end is killed in the middle
    client.on("authentication", (context) => context.accept());
    client.on("session", (accept) => {
      const session = accept();
      session.on("pty", (acceptPty) => acceptPty());
      session.on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const parts: Buffer[] = [];
        received.set(command, parts);
        open.add(command);
        channel.on("data", (data: Buffer) => parts.push(data));
        channel.on("close", () => open.delete(command));
        channel.on("error", () => undefined);
      });
    });
    client.on("close", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterwards(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return {
    port: (server.address() as AddressInfo).port,
    hostKeyLine: hostKey.publicLine,
    received: (command) => Buffer.concat(received.get(command) ?? []),
    open,
  };
}
