import type { RequestId, RequestState } from "../../access/index.js";

interface Waiting {
  readonly resolve: (request: RequestState) => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for a request's outcome. */
export class RequestWaits {
  readonly #waiting = new Map<RequestId, Set<Waiting>>();

  /** Resolves when the request has an outcome. Rejects with the signal's reason. */
  wait(id: RequestId, signal: AbortSignal): Promise<RequestState> {
    signal.throwIfAborted();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting);
    let one: Waiting | undefined;
    const onAbort = () => one?.reject(signal.reason);
    const outcome = new Promise<RequestState>((resolve, reject) => {
      one = { resolve, reject };
      waiting.add(one);
      signal.addEventListener("abort", onAbort);
    });
    return outcome.finally(() => {
      signal.removeEventListener("abort", onAbort);
      if (one !== undefined) waiting.delete(one);
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id);
    });
  }

  /** Tells them, if there is an outcome. */
  tell(request: RequestState | undefined): void {
    if (request?.outcome === undefined) return;
    for (const { resolve } of this.#waiting.get(request.request.id) ?? []) resolve(request);
  }

  /** Nothing more will be told. */
  end(reason: Error): void {
    for (const waiting of this.#waiting.values()) for (const { reject } of waiting) reject(reason);
  }
}
