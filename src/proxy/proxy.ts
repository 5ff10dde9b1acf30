import { decodePublicKey, type PublicKey } from "../certificate/index.js";
import type { LiveSession, ProxySettings } from "../rpc/index.js";
import { CommandTable } from "./command-table.js";
import { ControlLink, type ControlAddress } from "./control-link.js";
import { HostCertificates } from "./host-certificates.js";
import type { KnownKeys } from "./offered-key.js";
import type { ProxyLog } from "./log.js";
import type { OrderedSession } from "./opening-session.js";

/** The hash of a recording in progress goes to control this often. */
const headEveryMs = 1000;

/** What all connections of one proxy process share. */
export class Proxy {
  readonly control: ControlLink;
  readonly commands: CommandTable;
  readonly hostCertificates: HostCertificates;
  /** What control may give orders about: sessions, and what is about to be one. */
  readonly sessions = new Map<string, OrderedSession>();
  readonly log: ProxyLog;
  #knownKeys: KnownKeys = { userCas: [], registered: new Set() };
  readonly #headTimer: NodeJS.Timeout;

  constructor(address: ControlAddress, log: ProxyLog, onShutdown: (text: string) => void) {
    this.log = log;
    this.control = new ControlLink(
      address,
      {
        onSettings: (settings) => this.#apply(settings),
        onCut: ({ session, reason, text }) => this.sessions.get(session)?.cut({ reason, text }),
        onDeadline: ({ session, untilMs, remainingMs }) =>
          this.sessions.get(session)?.moveDeadline(untilMs, remainingMs),
        onCommandOutput: (order) => this.commands.output(order),
        onCommandTaken: (order) => this.commands.inputTaken(order),
        onCommandEnded: (order) => this.commands.ended(order),
        onLost: () => this.commands.controlLost(),
        onShutdown: ({ text }) => onShutdown(text),
        liveSessions: () => this.#liveSessions(),
      },
      log,
    );
    this.commands = new CommandTable(this.control);
    this.hostCertificates = new HostCertificates(this.control);
    this.#headTimer = setInterval(() => {
      for (const session of this.sessions.values()) session.reportHead();
    }, headEveryMs);
  }

  /** Throws before control was first reached: the listener does not accept until then. */
  get settings(): ProxySettings {
    const { settings } = this.control;
    if (!settings) throw new Error("settings asked for before control was reached");
    return settings;
  }

  get knownKeys(): KnownKeys {
    return this.#knownKeys;
  }

  strangerRefused(clientAddress: string, reason: string): void {
    this.control.report("strangerRefused", { clientAddress, reason });
  }

  stop(): void {
    clearInterval(this.#headTimer);
    this.control.stop();
  }

  #apply(settings: ProxySettings): void {
    const userCas: PublicKey[] = settings.userCas.map((ca) => decodePublicKey(Buffer.from(ca, "base64")));
    this.#knownKeys = { userCas, registered: new Set(settings.registeredKeys) };
    this.hostCertificates.forget();
  }

  #liveSessions(): LiveSession[] {
    return [...this.sessions.values()]
      .filter((session) => !session.ended)
      .map((session) => ({
        session: session.id,
        head: session.head,
        quotaBytes: session.quotaBytes,
      }));
  }
}
