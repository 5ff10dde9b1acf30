import { object, oneOf, text, type Decode } from "./decode.js";
import { parseDigest } from "./fingerprint.js";
import { parseName } from "./name.js";
import { parseReason } from "./text.js";

/** Control began to decide, under the policy with this hash. */
export interface BastionStarted {
  readonly type: "bastion.started";
  readonly version: string;
  readonly policy: string;
}

/** Control ended in order. Two starts without a stop between them mean a crash. */
export interface BastionStopped {
  readonly type: "bastion.stopped";
}

/** A new configuration is in force. */
export interface PolicyLoaded {
  readonly type: "policy.loaded";
  readonly hash: string;
}

/** A proxy process is gone; what it carried ended with it. */
export interface ProxyLost {
  readonly type: "proxy.lost";
  readonly proxy: string;
}

export type BastionEvent = BastionStarted | BastionStopped | PolicyLoaded | ProxyLost;

type Decoders = { readonly [T in BastionEvent["type"]]: Decode<Extract<BastionEvent, { type: T }>> };

export const bastionEvents: Decoders = {
  "bastion.started": object<BastionStarted>({
    type: oneOf(["bastion.started"]),
    version: text(parseReason),
    policy: text(parseDigest),
  }),
  "bastion.stopped": object<BastionStopped>({ type: oneOf(["bastion.stopped"]) }),
  "policy.loaded": object<PolicyLoaded>({ type: oneOf(["policy.loaded"]), hash: text(parseDigest) }),
  "proxy.lost": object<ProxyLost>({ type: oneOf(["proxy.lost"]), proxy: text(parseName) }),
};
