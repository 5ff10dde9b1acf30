import type { ServerResponse } from "node:http";

/** As long as somebody is there who may have the answer. */
export interface CommandLife {
  readonly signal: AbortSignal;
  /** It was answered: nothing is watched any more. */
  end(): void;
}

/** Aborts when the client leaves, when its token ends in `leftMs`, and when the bastion stops. */
export function commandLife(outgoing: ServerResponse, leftMs: number, closing: AbortSignal): CommandLife {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, leftMs);
  outgoing.once("close", abort);
  closing.addEventListener("abort", abort);
  if (outgoing.destroyed || closing.aborted) abort();
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      outgoing.off("close", abort);
      closing.removeEventListener("abort", abort);
    },
  };
}
