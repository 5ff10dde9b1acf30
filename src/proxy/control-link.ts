import { connect } from "node:net";
import {
  callShapes,
  orderShapes,
  RpcError,
  RpcLink,
  type CallName,
  type Calls,
  type LiveSession,
  type Orders,
  type ProxySettings,
  type ReportName,
  type Reports,
} from "../rpc/index.js";
import type { ProxyLog } from "./log.js";

/** How long a decision may take before the user is told to try again; control writes to disk before it answers. */
const callTimeoutMs = 10_000;
const reconnectDelayMs = 200;
/** What must be told even late; the rest is of no use once control was away. */
const keptReports: ReadonlySet<ReportName> = new Set(["sessionFailed", "sessionEnded", "channelRefused"]);
/** Reports of ended sessions that wait for control to come back; each is a few hundred bytes. */
const keptReportsMax = 10_000;

export interface ControlEvents {
  onSettings(settings: ProxySettings): void;
  onCut(order: Orders["cut"]): void;
  onDeadline(order: Orders["deadline"]): void;
  onCommandOutput(order: Orders["commandOutput"]): void;
  onCommandTaken(order: Orders["commandTaken"]): void;
  onCommandEnded(order: Orders["commandEnded"]): void;
  onShutdown(order: Orders["shutdown"]): void;
  /** Control is gone, or only the link to it; logins and commands that it knew of are nothing any more. */
  onLost(): void;
  /** Asked at each (re)connection: what is still running here. */
  liveSessions(): LiveSession[];
}

export interface ControlAddress {
  readonly socket: string;
  readonly token: string;
  readonly name: string;
}

/** The proxy's end of the link to control. It comes back by itself when control was restarted. */
export class ControlLink {
  readonly #address: ControlAddress;
  readonly #events: ControlEvents;
  readonly #log: ProxyLog;
  #link: RpcLink | undefined;
  readonly #kept: { name: ReportName; params: unknown }[] = [];
  #stopped = false;
  #losses = 0;
  #settings: ProxySettings | undefined;

  constructor(address: ControlAddress, events: ControlEvents, log: ProxyLog) {
    this.#address = address;
    this.#events = events;
    this.#log = log;
    this.#connect();
  }

  /** The last settings that control sent; none before the first contact. */
  get settings(): ProxySettings | undefined {
    return this.#settings;
  }

  get linked(): boolean {
    return this.#link !== undefined;
  }

  /** How often control was lost. A login that it gave before is unknown to it now. */
  get losses(): number {
    return this.#losses;
  }

  /** Asks control. Rejects with `RpcError`: the caller must then refuse. */
  async call<N extends CallName>(name: N, params: Calls[N]["params"]): Promise<Calls[N]["result"]> {
    if (!this.#link || !this.#settings) throw new RpcError("CLOSED", "no link to control");
    const result = await this.#link.call(name, params, callTimeoutMs);
    return callShapes[name].result(result, name);
  }

  /** Tells control. What became of sessions while it was away is told when it is back. */
  report<N extends ReportName>(name: N, params: Reports[N]): void {
    if (this.#link) this.#link.send(name, params);
    else if (keptReports.has(name) && this.#kept.length < keptReportsMax) this.#kept.push({ name, params });
  }

  stop(): void {
    this.#stopped = true;
    this.#link?.close();
  }

  #connect(): void {
    if (this.#stopped) return;
    const socket = connect(this.#address.socket);
    const link = new RpcLink(socket, {
      onCall: (name) => Promise.reject(new RpcError("PROTOCOL", `control may not call ${name}`)),
      onMessage: (name, params) => this.#onOrder(name, params),
      onCallError: () => undefined,
      onClose: (reason) => {
        if (this.#link === link) {
          this.#link = undefined;
          this.#losses += 1;
          this.#log.warn({ reason }, "link to control lost");
          this.#events.onLost();
        }
        setTimeout(() => this.#connect(), reconnectDelayMs);
      },
    });
    socket.once("connect", () => void this.#hello(link));
  }

  async #hello(link: RpcLink): Promise<void> {
    const { token, name } = this.#address;
    const sessions = this.#events.liveSessions();
    try {
      const answer = await link.call("hello", { token, name, pid: process.pid, sessions }, callTimeoutMs);
      this.#settings = callShapes.hello.result(answer, "hello");
      this.#link = link;
      for (const report of this.#kept.splice(0)) link.send(report.name, report.params);
      this.#events.onSettings(this.#settings);
      this.#log.info({ sessions: sessions.length }, "linked to control");
    } catch (error) {
      this.#log.error({ error: String(error) }, "control did not take this proxy");
      link.close();
    }
  }

  #onOrder(name: string, params: unknown): void {
    switch (name) {
      case "settings":
        this.#settings = orderShapes.settings(params, name);
        this.#events.onSettings(this.#settings);
        return;
      case "cut":
        this.#events.onCut(orderShapes.cut(params, name));
        return;
      case "deadline":
        this.#events.onDeadline(orderShapes.deadline(params, name));
        return;
      case "commandOutput":
        this.#events.onCommandOutput(orderShapes.commandOutput(params, name));
        return;
      case "commandTaken":
        this.#events.onCommandTaken(orderShapes.commandTaken(params, name));
        return;
      case "commandEnded":
        this.#events.onCommandEnded(orderShapes.commandEnded(params, name));
        return;
      case "shutdown":
        this.#events.onShutdown(orderShapes.shutdown(params, name));
        return;
      default:
        throw new RpcError("PROTOCOL", `unknown order ${name}`);
    }
  }
}
