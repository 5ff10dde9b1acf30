import { randomBytes } from "node:crypto";
import type { ProvenCaller } from "../proxies/carried-command.js";

/** Logins that one proxy may have at once: each is a connection, and keeps its proof of some 2 KiB. */
const LOGINS_PER_PROXY_MAX = 10_000;
const ID_BYTES = 16;

/** Who logged in over one connection of a proxy. */
export interface Login {
  readonly id: string;
  readonly caller: ProvenCaller;
  /** Commands that run now. */
  commands: number;
  /** Commands that were refused; each may leave a ledger entry. */
  refusals: number;
}

/**
 * The logins that control has verified and whose connections stand. A proxy names one by the id that it got, and can
 * name no other's. They are in memory only: after a restart of control all are unknown, and people connect again.
 */
export class Logins<Proxy extends object> {
  readonly #logins = new Map<Proxy, Map<string, Login>>();

  /** Undefined when the proxy has too many. */
  add(proxy: Proxy, caller: ProvenCaller): Login | undefined {
    const own = this.#logins.get(proxy) ?? new Map<string, Login>();
    if (own.size >= LOGINS_PER_PROXY_MAX) return undefined;
    const login = { id: randomBytes(ID_BYTES).toString("hex"), caller, commands: 0, refusals: 0 };
    this.#logins.set(proxy, own.set(login.id, login));
    return login;
  }

  of(proxy: Proxy, id: string): Login | undefined {
    return this.#logins.get(proxy)?.get(id);
  }

  forget(proxy: Proxy, id: string): void {
    this.#logins.get(proxy)?.delete(id);
  }

  /** The proxy is gone. */
  forgetAll(proxy: Proxy): void {
    this.#logins.delete(proxy);
  }
}
