import type { ProxySettings } from "../rpc/index.js";

type Limits = ProxySettings["limits"];

export type Ticket =
  | { readonly ok: true; readonly authenticated: boolean; release(): void }
  | { readonly ok: false; readonly reason: "too-many-strangers" | "too-many-from-address" | "too-fast" };

const windowMs = 60_000;
/** Addresses whose rate is remembered at once; beyond it the oldest are forgotten. */
const addressesMax = 20_000;

/** Counts strangers: connections that have not logged in, in all and by address, and how fast an address comes back. */
export class Admission {
  readonly #nowMs: () => number;
  #strangers = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #recent = new Map<string, { sinceMs: number; count: number }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The caller releases the ticket once the connection has logged in or is gone; twice does no harm. */
  admit(address: string, limits: Limits): Ticket {
    if (this.#strangers >= limits.unauthenticated) return { ok: false, reason: "too-many-strangers" };
    const here = this.#byAddress.get(address) ?? 0;
    if (here >= limits.unauthenticatedPerAddress) return { ok: false, reason: "too-many-from-address" };
    if (!this.#countRate(address, limits.connectionsPerMinute)) return { ok: false, reason: "too-fast" };
    this.#strangers += 1;
    this.#byAddress.set(address, here + 1);
    const ticket = {
      ok: true as const,
      authenticated: false,
      release: () => {
        if (ticket.authenticated) return;
        ticket.authenticated = true;
        this.#release(address);
      },
    };
    return ticket;
  }

  #release(address: string): void {
    this.#strangers -= 1;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }

  #countRate(address: string, perMinute: number): boolean {
    const now = this.#nowMs();
    const recent = this.#recent.get(address);
    if (!recent || now - recent.sinceMs >= windowMs) {
      this.#recent.delete(address);
      this.#recent.set(address, { sinceMs: now, count: 1 });
      if (this.#recent.size > addressesMax) {
        const [oldest] = this.#recent.keys();
        if (oldest !== undefined) this.#recent.delete(oldest);
      }
      return true;
    }
    recent.count += 1;
    return recent.count <= perMinute;
  }
}
