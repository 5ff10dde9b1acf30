import { createServer, type Server } from "node:net";
import { acceptSocket, disconnectReason, refusal, type SocketChannel } from "../ssh2/index.js";
import { Admission } from "./admission.js";
import { ClientConnection } from "./client-connection.js";
import { networkOf } from "./client-network.js";
import { controlAway } from "./control-away.js";
import type { Proxy } from "./proxy.js";

const unable = refusal(disconnectReason.serviceNotAvailable, controlAway);
const crowded = refusal(
  disconnectReason.tooManyConnections,
  "bascule: too many connections that have not logged in, or too fast; try again in a minute",
);

/** A client that vanished while its command waits is found out by the kernel; a waiting one's way stays open. */
const keepAliveAfterMs = 60_000;

/** Accepts connections on a descriptor that the supervisor bound, within the limits for strangers. */
export class Listener {
  readonly #proxy: Proxy;
  readonly #server: Server;
  readonly #admission: Admission;
  readonly #connections = new Set<ClientConnection>();

  constructor(proxy: Proxy, descriptor: number) {
    this.#proxy = proxy;
    this.#admission = new Admission(() => performance.now());
    this.#server = createServer(
      {
        allowHalfOpen: false,
        noDelay: true,
        pauseOnConnect: true,
        keepAlive: true,
        keepAliveInitialDelay: keepAliveAfterMs,
      },
      (socket) => void this.#accept(acceptSocket(socket)),
    );
    this.#server.on("error", (error) => proxy.log.error({ error: error.message }, "listener failed"));
    this.#server.listen({ fd: descriptor });
  }

  /** No new connections; those that are there go on. */
  stopAccepting(): void {
    this.#server.close();
  }

  /** Ends everything that is not a session with a target, too. */
  disconnectAll(text: string): void {
    for (const connection of this.#connections) connection.disconnect(text);
  }

  async #accept(channel: SocketChannel): Promise<void> {
    const { socket } = channel;
    const clientAddress = socket.remoteAddress?.replace(/^::ffff:/, "") ?? "";
    if (!this.#proxy.control.settings || clientAddress === "") {
      turnAway(channel, unable);
      return;
    }
    const { limits, bastionNames } = this.#proxy.settings;
    const ticket = this.#admission.admit(networkOf(clientAddress), limits);
    if (!ticket.ok) {
      this.#proxy.strangerRefused(clientAddress, ticket.reason);
      turnAway(channel, crowded);
      return;
    }
    socket.once("close", () => ticket.release());
    try {
      const hostKey = await this.#proxy.hostCertificates.hostKeyFor(bastionNames[0] ?? "bastion");
      if (socket.destroyed) return;
      channel.bytesMax = limits.unauthenticatedBytes;
      const connection: ClientConnection = new ClientConnection(this.#proxy, channel, [hostKey], {
        clientAddress,
        onAuthenticated: () => {
          ticket.release();
          channel.bytesMax = Infinity;
        },
        onEnd: () => this.#connections.delete(connection),
      });
      this.#connections.add(connection);
      channel.resume();
    } catch (error) {
      this.#proxy.log.error({ clientAddress, error: String(error) }, "connection could not be answered");
      turnAway(channel, unable);
    }
  }
}

/** How long somebody who is turned away may take to read why. */
const turnAwayMs = 1000;

/** Says why and closes. What arrives is thrown away: a socket that nobody reads would never be seen to end. */
function turnAway({ socket }: SocketChannel, text: Buffer): void {
  socket.resume().end(text);
  setTimeout(() => socket.destroy(), turnAwayMs).unref();
}
