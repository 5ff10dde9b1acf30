import type { Server } from "node:net";
import type {
  CallName,
  Calls,
  LiveSession,
  OrderName,
  Orders,
  ReportName,
  Reports,
} from "../../rpc/index.js";
import { bytesOf } from "../base64.js";
import type { CommandRunner } from "./carried-command.js";
import { CarriedCommands, CONNECT_AGAIN, type CommandProxy, type CommandReport } from "./carried-commands.js";
import { certifyHostKey } from "../keys/certify-host-key.js";
import { ControlError } from "../control-error.js";
import type { DecisionContext } from "../decision-context.js";
import { cleanDetail, codeOf, recordDenial, recordRefusedByProxy } from "../refusals/denials.js";
import { identify, judgeLogin } from "../logins/identify.js";
import { Logins } from "../logins/logins.js";
import { mayReach } from "../sessions/may-reach.js";
import { openSession } from "../sessions/open-session.js";
import { claimedSession, ProxyPeer, type ProxyService } from "./proxy-peer.js";
import { proxySettings } from "./proxy-settings.js";
import { signLogin } from "../sessions/sign-login.js";
import { StrangerCounter } from "../refusals/stranger-counter.js";
import { listenOnSocket } from "../unix-server.js";

/** How long a proxy that lost its link may take to come back; it tries every 200 ms. */
const COMES_BACK_WITHIN_MS = 3000;
/** How long proxies may take to end their sessions when the bastion stops. */
const SHUTDOWN_WITHIN_MS = 5000;
const PEERS_MAX = 1024;

export interface ProxiesOptions {
  readonly socket: string;
  readonly token: string;
  readonly context: DecisionContext;
  /** A proxy was taken, its name. */
  readonly onHello: (name: string) => void;
}

/** Control's side of the proxies: answers what they ask, believes nothing that they say, tells them what to end. */
export class Proxies implements ProxyService {
  readonly #options: ProxiesOptions;
  readonly #context: DecisionContext;
  readonly #peers = new Set<ProxyPeer>();
  readonly #leaving = new Map<string, NodeJS.Timeout>();
  readonly #strangers = new StrangerCounter();
  readonly #logins = new Logins<CommandProxy>();
  readonly #commands: CarriedCommands;
  #server: Server | undefined;
  #isStopping = false;
  #onEmpty: () => void = () => undefined;

  private constructor(options: ProxiesOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#commands = new CarriedCommands(options.context, this.#logins);
  }

  /** Rejects with ControlError `socket-taken`. */
  static async open(options: ProxiesOptions): Promise<Proxies> {
    const proxies = new Proxies(options);
    proxies.#server = await listenOnSocket(options.socket, (socket) => {
      if (proxies.#peers.size >= PEERS_MAX) socket.destroy();
      else proxies.#peers.add(new ProxyPeer(socket, options.token, proxies));
    });
    return proxies;
  }

  /** Names of the proxies that are linked now. */
  get names(): readonly string[] {
    return [...this.#peers].map(({ name }) => name).filter((name) => name !== "");
  }

  get strangers(): number {
    return this.#strangers.count;
  }

  serveCommands(runner: CommandRunner): void {
    this.#commands.serve(runner);
  }

  /** Sends the configuration in force to all, and ends the commands of those whom it knows no more. */
  refresh(): void {
    this.#commands.judgeAll();
    this.#broadcast("settings", this.#settings());
  }

  /** Tells all proxies to end, and waits until their sessions have ended and they are gone. */
  async stop(text: string): Promise<void> {
    this.#isStopping = true;
    const gone = new Promise<void>((resolve) => (this.#onEmpty = resolve));
    this.#broadcast("shutdown", { text });
    if (this.#peers.size > 0) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SHUTDOWN_WITHIN_MS)));
      await Promise.race([gone, late]);
      clearTimeout(timer);
    }
    await this.leave();
  }

  /** Closes all links; what the proxies carry goes on. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    for (const peer of this.#peers) peer.close();
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  async hello(peer: ProxyPeer, sessions: readonly LiveSession[]): Promise<Calls["hello"]["result"]> {
    clearTimeout(this.#leaving.get(peer.name));
    this.#leaving.delete(peer.name);
    await this.#context.live.announce(peer, sessions);
    for (const { session, quotaBytes, head } of sessions)
      if (this.#context.live.isCarriedBy(claimedSession(session), peer))
        this.#context.disk.attach(claimedSession(session), quotaBytes, head.bytes);
    this.#context.log.info({ proxy: peer.name, sessions: sessions.length }, "proxy linked");
    this.#options.onHello(peer.name);
    return this.#settings();
  }

  async call<N extends Exclude<CallName, "hello">>(
    peer: ProxyPeer,
    name: N,
    params: Calls[N]["params"],
  ): Promise<Calls[N]["result"]> {
    const answer: Promise<Calls[CallName]["result"]> = this.#answer(peer, { name, params } as AnyCall);
    return (await answer) as Calls[N]["result"];
  }

  report<N extends ReportName>(peer: ProxyPeer, name: N, params: Reports[N]): void {
    const report = { name, params } as AnyReport;
    if (isOfCommand(report)) this.#commands.take(peer, report);
    else this.#take(peer, report).catch((error: unknown) => this.failed(peer, name, error));
  }

  closed(peer: ProxyPeer, reason: string): void {
    this.#peers.delete(peer);
    this.#commands.proxyGone(peer);
    this.#logins.forgetAll(peer);
    if (this.#peers.size === 0) this.#onEmpty();
    if (peer.name === "" || this.#isStopping) return;
    this.#context.log.warn({ proxy: peer.name, reason }, "link to proxy lost");
    const timer = setTimeout(() => this.#lost(peer.name), COMES_BACK_WITHIN_MS);
    this.#leaving.set(peer.name, timer);
  }

  failed(peer: ProxyPeer, name: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#context.log.error({ proxy: peer.name, call: name, error: message }, "call of a proxy failed");
  }

  async #answer(peer: ProxyPeer, call: AnyCall): Promise<Calls[CallName]["result"]> {
    const context = this.#context;
    switch (call.name) {
      case "certifyHostKey":
        return certifyHostKey(context, call.params);
      case "identify":
        return this.#identify(peer, call.params);
      case "mayReach":
        return this.#mayReach(peer, call.params);
      case "openSession": {
        const opened = await openSession(context, call.params, peer);
        return opened.ok ? opened : recordDenial(context, "authorise", opened, call.params.clientAddress);
      }
      case "signLogin":
        return this.#signLogin(peer, call.params);
      case "moreSpace": {
        const session = this.#own(peer, call.params.session);
        return { quotaBytes: await context.disk.more(session, call.params.recordedBytes) };
      }
    }
  }

  async #identify(
    peer: ProxyPeer,
    params: Calls["identify"]["params"],
  ): Promise<Calls["identify"]["result"]> {
    const found = identify(this.#context, params);
    if (!found.ok) return recordDenial(this.#context, "authenticate", found, params.clientAddress);
    const login = this.#logins.add(peer, found.caller);
    if (!login) throw new ControlError("too-many-logins", `proxy ${peer.name} has too many logins`);
    return { ok: true, identity: found.caller.identity, login: login.id };
  }

  /** The login is judged again: it may have been made hours ago. */
  async #mayReach(
    peer: ProxyPeer,
    { login: id, target, port }: Calls["mayReach"]["params"],
  ): Promise<Calls["mayReach"]["result"]> {
    const login = this.#logins.of(peer, id);
    if (!login) return { ok: false, reason: "login-unknown", text: CONNECT_AGAIN };
    const { identity, proof, clientAddress } = login.caller;
    const judged = judgeLogin(this.#context, proof, clientAddress);
    const verdict = judged.ok ? mayReach(this.#context, { identity, target, port }) : { ...judged, target };
    return verdict.ok ? verdict : recordDenial(this.#context, "authorise", verdict, clientAddress);
  }

  #signLogin(peer: ProxyPeer, { session, data }: Calls["signLogin"]["params"]): Calls["signLogin"]["result"] {
    const id = this.#own(peer, session);
    const state = this.#context.keeper.state.sessions.get(id);
    const target = state && this.#context.config().inventory.get(state.target);
    if (!state || !target) throw new ControlError("not-its-session", "the session's target is gone");
    return { signature: signLogin(state, target, bytesOf(data)).toString("base64") };
  }

  async #take(peer: ProxyPeer, report: Exclude<AnyReport, CommandReport>): Promise<void> {
    const { keeper, live, clocks } = this.#context;
    switch (report.name) {
      case "recordingHead": {
        const { bytes, blocks, hash } = report.params.head;
        const session = this.#own(peer, report.params.session);
        return keeper.record({ type: "recording.head", session, bytes, blocks, hash });
      }
      case "sessionFailed": {
        const { code, detail } = report.params;
        const session = this.#own(peer, report.params.session);
        return keeper.record({
          type: "session.failed",
          session,
          code: codeOf(code),
          detail: cleanDetail(detail),
        });
      }
      case "sessionEnded": {
        const { outcome, recording } = report.params;
        const session = this.#own(peer, report.params.session);
        const hasFailed = keeper.state.sessions.get(session)?.failed !== undefined;
        const ownReason = this.#isStopping ? "shutdown" : hasFailed ? "recording-failed" : "grant-ended";
        return live.ended(session, outcome, recording, ownReason);
      }
      case "channelRefused": {
        const { what, reason } = report.params;
        const session = this.#own(peer, report.params.session);
        const clientAddress = keeper.state.sessions.get(session)?.clientAddress ?? "unknown";
        return recordRefusedByProxy(this.#context, { clientAddress, reason, what, session });
      }
      case "strangerRefused": {
        const { clientAddress, reason } = report.params;
        if (!this.#strangers.note(clientAddress, clocks.monotonicMs())) return;
        return recordRefusedByProxy(this.#context, { clientAddress, reason });
      }
      case "loginEnded":
        this.#logins.forget(peer, report.params.login);
        return;
    }
  }

  /** A session that this proxy really carries. Throws ControlError `not-its-session`. */
  #own(peer: ProxyPeer, session: string): ReturnType<typeof claimedSession> {
    const id = claimedSession(session);
    if (!this.#context.live.isCarriedBy(id, peer))
      throw new ControlError("not-its-session", `proxy ${peer.name} speaks of a session that is not its own`);
    return id;
  }

  #lost(name: string): void {
    this.#leaving.delete(name);
    this.#context.live.proxyLost(name).catch((error: unknown) => {
      this.#context.log.error({ proxy: name, error: String(error) }, "lost proxy not recorded");
    });
  }

  #settings(): Orders["settings"] {
    return proxySettings(this.#context.config(), this.#context.authority.userCa);
  }

  #broadcast<N extends OrderName>(name: N, order: Orders[N]): void {
    for (const peer of this.#peers) if (peer.name !== "") peer.send(name, order);
  }
}

type AnyCall = { [N in Exclude<CallName, "hello">]: { name: N; params: Calls[N]["params"] } }[Exclude<
  CallName,
  "hello"
>];
type AnyReport = { [N in ReportName]: { name: N; params: Reports[N] } }[ReportName];

function isOfCommand(report: AnyReport): report is CommandReport {
  return report.name.startsWith("command");
}
