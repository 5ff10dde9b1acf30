import { isIPv6 } from "node:net";

/** Nobody mistypes a token that often; a robot with a stale one still gets its turn in the next minute. */
export const FAILURES_MAX = 30;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; beyond it the oldest is forgotten, as there is no end of them. */
const ADDRESSES_MAX = 10_000;

interface Window {
  readonly untilMs: number;
  failures: number;
}

/** How often each address has shown what was no good; too often, and it is not listened to for the rest of a minute. */
export class FailedAttempts {
  readonly #windows = new Map<string, Window>();

  /** Whole seconds that this address has to wait, or 0. */
  waitSeconds(address: string, nowMs: number): number {
    const window = this.#windows.get(network(address));
    if (window === undefined || window.failures < FAILURES_MAX || nowMs >= window.untilMs) return 0;
    return Math.ceil((window.untilMs - nowMs) / 1000);
  }

  note(address: string, nowMs: number): void {
    const key = network(address);
    const window = this.#windows.get(key);
    if (window !== undefined && nowMs < window.untilMs) {
      window.failures += 1;
      return;
    }
    this.#windows.delete(key);
    this.#windows.set(key, { untilMs: nowMs + WINDOW_MS, failures: 1 });
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > ADDRESSES_MAX && oldest !== undefined) this.#windows.delete(oldest);
  }
}

/** Who has an IPv6 address has 2^64 of them. */
function network(address: string): string {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill("0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
