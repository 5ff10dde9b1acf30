import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { formatHostPort } from "../wording/index.js";
import type { Control } from "../control/index.js";
import { createApp } from "./app.js";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The HTTP API's listening socket. Until `serve` it answers that it is too early. */
export interface HttpDoor extends Address {
  serve(control: Control): void;
  /** Ends what waits, lets the rest be answered, and resolves when every connection is gone. May be called again. */
  close(): Promise<void>;
}

/** The port cannot be had; the message is one line for the operator. */
export class HttpPortError extends Error {
  override readonly name = "HttpPortError";
}

/** A reverse proxy keeps some dozens open; what waits for an approval holds one each. */
const CONNECTIONS_MAX = 512;
/** As long as a slow network takes to send a few hundred bytes, and nobody holds a connection by sending none. */
const HEADERS_WITHIN_MS = 10_000;
/** The same for a body of 64 KiB. */
const REQUEST_WITHIN_MS = 20_000;
const IDLE_MS = 5000;
/** A bearer token and an OIDC token fit, in whatever header. */
const HEADER_BYTES_MAX = 32 * 1024;
/** Within the time that the supervisor gives control to stop. */
const CLOSES_WITHIN_MS = 2000;

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;

/** Binds; port 0 picks a free one. Rejects with HttpPortError. */
export async function bindHttp(wanted: Address): Promise<HttpDoor> {
  let listener: Listener = tooEarly;
  const server = createServer(
    {
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: HEADER_BYTES_MAX,
      requireHostHeader: true,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = CONNECTIONS_MAX;
  await listen(server, wanted);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : wanted.port;
  const closing = new AbortController();
  let closed: Promise<void> | undefined;
  return {
    host: wanted.host,
    port,
    serve: (control) => {
      const app = createApp({ control, closing: closing.signal });
      listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
    },
    close: () => (closed ??= close(server, closing)),
  };
}

function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = ({ code = "" }: NodeJS.ErrnoException) =>
      reject(new HttpPortError(`cannot listen for HTTP on ${formatHostPort({ host, port })}: ${why(code)}`));
    server.once("error", fail);
    server.listen({ host, port }, () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function why(code: string): string {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: "the port is taken; set another one (http: in the configuration), or 0 to pick one",
    EACCES: "the port may not be bound without privileges",
    EADDRNOTAVAIL: "the address is not this machine's",
    ENOTFOUND: "there is no such address",
  };
  return known[code] ?? code;
}

function close(server: Server, closing: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSES_WITHIN_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    closing.abort();
    server.closeIdleConnections();
  });
}

function tooEarly(_incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.writeHead(503, { "retry-after": "1", connection: "close" }).end();
}
