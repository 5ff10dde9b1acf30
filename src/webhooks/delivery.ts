import { parseRetryAfter } from "./retry.js";

/** One request to one receiver, as it goes out. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What came of it. `error` is made of nothing that the receiver or an address could have written: it may be shown.
 */
export type DeliveryResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly error: string;
      /** Whether it may go better next time. */
      readonly again: boolean;
      readonly retryAfterMs?: number;
    };

/** Sends; never rejects. Ends soon after `signal` aborts. */
export type Deliver = (delivery: Delivery, signal: AbortSignal) => Promise<DeliveryResult>;

/** A receiver that takes longer is as good as away; Standard Webhooks advises 15 to 30 s, Slack answers within one. */
const ATTEMPT_WITHIN_MS = 15_000;

const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/** Over the network: no redirect is followed, and of the answer only status and `Retry-After` are looked at. */
export async function deliverByFetch(
  { url, headers, body }: Delivery,
  signal: AbortSignal,
  withinMs = ATTEMPT_WITHIN_MS,
): Promise<DeliveryResult> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, withinMs);
  signal.addEventListener("abort", end);
  try {
    signal.throwIfAborted();
    const options = { method: "POST", headers, body, redirect: "manual", signal: ending.signal } as const;
    const response = await fetch(url, options);
    await response.body?.cancel(); // attacker-controlled, and without an end if it likes
    return resultOf(response.status, response.headers.get("retry-after"));
  } catch (error) {
    const isLate = ending.signal.aborted && !signal.aborted;
    return { ok: false, again: true, error: isLate ? "no answer in time" : networkError(error) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
}

function resultOf(status: number, retryAfter: string | null): DeliveryResult {
  if (status >= 200 && status < 300) return { ok: true };
  if (status >= 300 && status < 400)
    return { ok: false, again: false, error: `a redirect (HTTP ${status}), which is not followed` };
  const again = status >= 500 || status === REQUEST_TIMEOUT || status === TOO_MANY_REQUESTS;
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  const error = `HTTP ${status}`;
  return { ok: false, again, error, ...(again && retryAfterMs !== undefined && { retryAfterMs }) };
}

const CODE = /^[A-Z][A-Z0-9_]{2,40}$/;

/** The system's or the TLS library's code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`): messages may hold the address. */
function networkError(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  for (const one of [cause, ...(cause instanceof AggregateError ? (cause.errors as unknown[]) : []), error]) {
    const code = (one as { code?: unknown } | undefined)?.code;
    if (typeof code === "string" && CODE.test(code)) return code;
  }
  return "could not be reached";
}
