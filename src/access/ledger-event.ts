import { AccessError } from "./access-error.js";
import { count, object, oneOf, type Decode } from "./decode.js";

/**
 * The ledger's working copy had lost or damaged the entries `from` to `to`, both included, and has them back from the
 * files that the checkpoint proves. Entries after the newest checkpoint of that moment, if there were any, may be gone.
 */
export interface LedgerHealed {
  readonly type: "ledger.healed";
  readonly from: number;
  readonly to: number;
}

export type LedgerEvent = LedgerHealed;

type Decoders = { readonly [T in LedgerEvent["type"]]: Decode<Extract<LedgerEvent, { type: T }>> };

const decodeHealed = object<LedgerHealed>({ type: oneOf(["ledger.healed"]), from: count, to: count });

export const ledgerEvents: Decoders = {
  "ledger.healed": (value, path) => {
    const event = decodeHealed(value, path);
    if (event.from <= event.to) return event;
    throw new AccessError("bad-value", `${path}.to`, "comes before from");
  },
};
