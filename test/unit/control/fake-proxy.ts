import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { generatePrivateKey } from "../../../src/certificate/index.js";
import {
  callShapes,
  orderShapes,
  RpcLink,
  type CallName,
  type Calls,
  type LiveSession,
  type OrderName,
  type Orders,
  type ReportName,
  type Reports,
  type SessionProof,
} from "../../../src/rpc/index.js";
import { closeAfterwards } from "../../harness/closing.js";

const callMs = 5000;

/** The other end of control's socket: says what a proxy would, or what it never should. */
export class FakeProxy {
  readonly orders: { readonly name: string; readonly order: unknown }[] = [];
  readonly closed: Promise<void>;
  readonly #link: RpcLink;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    let onClosed: () => void;
    this.closed = new Promise((resolve) => (onClosed = resolve));
    this.#link = new RpcLink(socket, {
      onCall: () => Promise.reject(new Error("control does not call")),
      onMessage: (name, order) => {
        this.orders.push({ name, order: orderShapes[name as OrderName](order, name) });
        this.#wake();
      },
      onClose: () => onClosed(),
      onCallError: () => undefined,
    });
    closeAfterwards(() => {
      this.#link.close();
      return this.closed;
    });
  }

  static async connect(path: string): Promise<FakeProxy> {
    const socket = connect(path);
    await once(socket, "connect");
    return new FakeProxy(socket);
  }

  hello(
    token: string,
    name: string,
    sessions: readonly LiveSession[] = [],
  ): Promise<Calls["hello"]["result"]> {
    return this.call("hello", { token, name, pid: 1, sessions });
  }

  async call<N extends CallName>(name: N, params: Calls[N]["params"]): Promise<Calls[N]["result"]> {
    const result = await this.#link.call(name, params, callMs);
    return callShapes[name].result(result, name);
  }

  report<N extends ReportName>(name: N, params: Reports[N]): void {
    this.#link.send(name, params);
  }

  /** Waits for the next order of that name, or gives one that came before; each once. */
  async order<N extends OrderName>(name: N): Promise<Orders[N]> {
    for (;;) {
      const at = this.orders.findIndex((one) => one.name === name);
      const [found] = at === -1 ? [] : this.orders.splice(at, 1);
      if (found) return found.order as Orders[N];
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The last hop's question. */
  open(
    proof: SessionProof,
    about: Partial<Calls["openSession"]["params"]> = {},
  ): Promise<Calls["openSession"]["result"]> {
    return this.call("openSession", {
      proof,
      target: "prod",
      login: "root",
      clientAddress: "192.0.2.7",
      clientSoftware: "OpenSSH_9.2",
      jumpIdentity: "alice",
      upstreamKey: generatePrivateKey("ed25519").public.blob.toString("base64"),
      ...about,
    });
  }

  leave(): void {
    this.#link.close();
  }
}
