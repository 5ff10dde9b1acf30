import { UNPUBLISHED_MS_MAX, type Publishing } from "../ledger/index.js";
import type { ControlLog } from "./log.js";

/** Says in the log that entries get no checkpoint: a warning at first, an error each time once they wait for too long. */
export function tellUnpublished(log: ControlLog): (standing: Publishing) => void {
  return ({ size, waitedMs, failure }) => {
    const fields = { signedFor: size, waitedMs: Math.round(waitedMs), error: String(failure?.error) };
    if (waitedMs > UNPUBLISHED_MS_MAX)
      log.error(fields, "ledger entries have had no checkpoint for too long: nothing proves them yet");
    else if (failure?.attempts === 1)
      log.warn(fields, "no checkpoint could be written; ledger entries are taken all the same");
  };
}
