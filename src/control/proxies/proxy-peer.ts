import { timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";
import type { SessionId } from "../../access/index.js";
import {
  callShapes,
  reportShapes,
  RpcError,
  RpcLink,
  type CallName,
  type Calls,
  type LiveSession,
  type OrderName,
  type Orders,
  type ReportName,
  type Reports,
} from "../../rpc/index.js";
import type { SessionCarrier } from "../sessions/live-sessions.js";

/** What control answers to a proxy that has shown its token. */
export interface ProxyService {
  /** A proxy said hello; rejects when it may not be one of ours. */
  hello(peer: ProxyPeer, sessions: readonly LiveSession[]): Promise<Calls["hello"]["result"]>;
  call<N extends Exclude<CallName, "hello">>(
    peer: ProxyPeer,
    name: N,
    params: Calls[N]["params"],
  ): Promise<Calls[N]["result"]>;
  report<N extends ReportName>(peer: ProxyPeer, name: N, params: Reports[N]): void;
  closed(peer: ProxyPeer, reason: string): void;
  failed(peer: ProxyPeer, name: string, error: unknown): void;
}

/** Time to say hello. */
const HELLO_WITHIN_MS = 5000;
const PROXY_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/u;

/**
 * One connection on the proxies' socket. Until its hello was taken nothing else is; then everything it says is decoded
 * by the shapes of rpc/ before anybody looks at it.
 */
export class ProxyPeer implements SessionCarrier {
  readonly #link: RpcLink;
  readonly #service: ProxyService;
  readonly #token: Buffer;
  readonly #helloTimer: NodeJS.Timeout;
  #name = "";

  constructor(socket: Socket, token: string, service: ProxyService) {
    this.#service = service;
    this.#token = Buffer.from(token);
    this.#helloTimer = setTimeout(() => this.close(), HELLO_WITHIN_MS);
    this.#link = new RpcLink(socket, {
      onCall: (name, params) => this.#onCall(name, params),
      onMessage: (name, params) => this.#onReport(name, params),
      onClose: (reason) => {
        clearTimeout(this.#helloTimer);
        service.closed(this, reason);
      },
      onCallError: (name, error) => service.failed(this, name, error),
    });
  }

  /** Empty until it said hello. */
  get name(): string {
    return this.#name;
  }

  get closed(): boolean {
    return this.#link.closed;
  }

  send<N extends OrderName>(name: N, order: Orders[N]): void {
    this.#link.send(name, order);
  }

  close(): void {
    this.#link.close();
  }

  async #onCall(name: string, params: unknown): Promise<unknown> {
    if (name === "hello") return this.#hello(callShapes.hello.params(params, "hello"));
    this.#checkKnown();
    if (!isCallName(name)) throw new RpcError("PROTOCOL", `unknown call ${name}`);
    return this.#dispatch(name, params);
  }

  #dispatch<N extends Exclude<CallName, "hello">>(name: N, params: unknown): Promise<Calls[N]["result"]> {
    return this.#service.call(this, name, callShapes[name].params(params, name));
  }

  #hello({ token, name, sessions }: Calls["hello"]["params"]): Promise<Calls["hello"]["result"]> {
    const shown = Buffer.from(token);
    const isOurs = shown.length === this.#token.length && timingSafeEqual(shown, this.#token);
    if (!isOurs || this.#name !== "" || !PROXY_NAME.test(name)) {
      this.close();
      throw new RpcError("PROTOCOL", "hello not taken");
    }
    clearTimeout(this.#helloTimer);
    this.#name = name;
    return this.#service.hello(this, sessions);
  }

  #onReport(name: string, params: unknown): void {
    this.#checkKnown();
    if (!isReportName(name)) throw new RpcError("PROTOCOL", `unknown report ${name}`);
    this.#service.report(this, name, reportShapes[name](params, name));
  }

  #checkKnown(): void {
    if (this.#name === "") throw new RpcError("PROTOCOL", "hello comes first");
  }
}

function isCallName(name: string): name is Exclude<CallName, "hello"> {
  return name !== "hello" && Object.hasOwn(callShapes, name);
}

function isReportName(name: string): name is ReportName {
  return Object.hasOwn(reportShapes, name);
}

/** A session id as far as a proxy's word goes; whether there is such a session is looked up. */
export function claimedSession(session: string): SessionId {
  return session as SessionId;
}
