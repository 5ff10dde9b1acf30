import { lookup } from "node:dns/promises";
import net from "node:net";
import { getSystemErrorName } from "node:util";
import { formatHostPort } from "../../wording/index.js";
import type { Config } from "../../control/index.js";
import { EXIT } from "../../commands/index.js";
import { CliError } from "../cli-error.js";

/** What Node makes of a bound TCP socket inside, as far as it is used here. */
interface TcpHandle {
  readonly fd: number;
  getsockname(out: { address?: string; port?: number }): number;
  close(): void;
}

/**
 * Not in Node's documents, but what its own cluster module binds with. `net.Server` cannot serve here: it would accept
 * connections in this process, and the supervisor must hold the socket without ever taking a byte from it.
 */
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6,
  fd: undefined,
  flags: number,
) => TcpHandle | number;
const createServerHandle = (net as unknown as { _createServerHandle: CreateServerHandle })
  ._createServerHandle;

/** A bound socket that this process never accepts on; its descriptor goes to the proxies, which listen on it. */
export interface ListeningSocket {
  readonly fd: number;
  readonly host: string;
  readonly port: number;
  close(): void;
}

/** Binds; port 0 picks a free one. Throws CliError in one line: taken, not permitted, no such address. */
export async function bindListeningSocket({ listen }: Pick<Config, "listen">): Promise<ListeningSocket> {
  const { host, port } = listen;
  const { address, family } = await lookup(host).catch(() => {
    throw new CliError(EXIT.failed, `listen: ${host} is not an address of this machine`);
  });
  const handle = createServerHandle(address, port, family === 6 ? 6 : 4, undefined, 0);
  if (typeof handle === "number") throw refusal(formatHostPort(listen), getSystemErrorName(handle));
  const bound: { port?: number } = {};
  const status = handle.getsockname(bound); // libuv keeps what bind(2) said until it is asked something
  if (status !== 0) {
    handle.close();
    throw refusal(formatHostPort(listen), getSystemErrorName(status));
  }
  return { fd: handle.fd, host, port: bound.port ?? port, close: () => handle.close() };
}

function refusal(where: string, code: string): CliError {
  const why: Readonly<Record<string, string>> = {
    EADDRINUSE: "the port is taken",
    EACCES: "the port may not be bound without privileges",
    EADDRNOTAVAIL: "the address is not this machine's",
  };
  const hint =
    code === "EADDRINUSE" ? "set another port (listen: in the configuration), or 0 to pick one" : undefined;
  return new CliError(EXIT.failed, `cannot listen on ${where}: ${why[code] ?? code}`, hint);
}
