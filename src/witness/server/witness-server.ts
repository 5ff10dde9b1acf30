import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { witnessApp, type WitnessAppOptions } from "./witness-app.js";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** A witness that answers. `port` is the one that it really has. */
export interface WitnessServer extends Address {
  /** Lets what is being answered be answered, and resolves when every connection is gone. May be called again. */
  close(): Promise<void>;
}

/** Each log keeps one open; the rest is for those who come and go. */
const CONNECTIONS_MAX = 256;
/** As long as a slow network takes for a few hundred bytes. */
const HEADERS_WITHIN_MS = 10_000;
/** The same for a body of 128 KiB. */
const REQUEST_WITHIN_MS = 20_000;
/** Logs come once a second while they are busy: worth keeping, but not for long. */
const IDLE_MS = 10_000;
const HEADER_BYTES_MAX = 16 * 1024;
const CLOSES_WITHIN_MS = 2000;

/** Binds and serves; port 0 picks a free one. Rejects with the system's error. */
export async function serveWitness(wanted: Address, options: WitnessAppOptions): Promise<WitnessServer> {
  const listener = getRequestListener(witnessApp(options).fetch, { overrideGlobalObjects: false });
  const server = createServer(
    {
      headersTimeout: HEADERS_WITHIN_MS,
      requestTimeout: REQUEST_WITHIN_MS,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, resolve);
  });
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : wanted.port;
  let closed: Promise<void> | undefined;
  return { host: wanted.host, port, close: () => (closed ??= close(server)) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), CLOSES_WITHIN_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
