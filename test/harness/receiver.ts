import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { closeAfterwards } from "./closing.js";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server that webhooks are sent to. */
export interface Receiver {
  readonly url: string;
  /** In order of their end. */
  readonly received: Received[];
  /** Resolves when there are so many. */
  got(count: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

const ok = (_: unknown, response: ServerResponse) => response.writeHead(204).end();

/** `listener` answers once the whole request is there; without one everything is fine. */
export async function startReceiver(listener: RequestListener = ok): Promise<Receiver> {
  const received: Received[] = [];
  let wake: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      wake();
      listener(request, response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  closeAfterwards(stop);
  const got = async (count: number) => {
    while (received.length < count) await new Promise<void>((resolve) => (wake = resolve));
    return received;
  };
  return { url, received, got, stop };
}
