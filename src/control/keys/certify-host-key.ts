import { decodePublicKey } from "../../certificate/index.js";
import type { Config } from "../../config/index.js";
import type { Calls } from "../../rpc/index.js";
import { bytesOf } from "../base64.js";
import { ControlError } from "../control-error.js";
import type { DecisionContext } from "../decision-context.js";

/** Addresses that mean "all of this machine's": no name to be called by. */
const WILDCARDS = ["0.0.0.0", "::"];
const LOOPBACK = ["127.0.0.1", "::1"];

/** The names under which the bastion itself is reached. */
export function bastionNames({ name, listen }: Config): readonly string[] {
  const own = WILDCARDS.includes(listen.host) ? [] : [listen.host];
  return [...new Set([name, ...own, ...(LOOPBACK.includes(listen.host) ? ["localhost"] : [])])];
}

/**
 * A host certificate for a proxy's own key, for exactly a name that is ours to speak for: the bastion's, or a known
 * target's. Throws ControlError `unknown-name`: a proxy that was taken over cannot pose as anything else.
 */
export function certifyHostKey(
  { config, authority, clocks }: DecisionContext,
  { publicKey, name }: Calls["certifyHostKey"]["params"],
): Calls["certifyHostKey"]["result"] {
  const own = bastionNames(config());
  const isTarget = config().inventory.has(name);
  if (!own.includes(name) && !isTarget)
    throw new ControlError("unknown-name", "a host certificate was wanted for a name that is not ours");
  const names = own.includes(name) ? own : [name];
  const key = decodePublicKey(bytesOf(publicKey));
  const { certificate, renewAtMs } = authority.issueHost(key, names, clocks.wallMs());
  return { certificate: certificate.toString("base64"), renewAtMs };
}
