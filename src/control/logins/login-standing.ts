import { isCertificateOver, lockOn } from "../../access/index.js";
import type { ProvenCaller } from "../proxies/carried-command.js";
import type { DecisionContext } from "../decision-context.js";

/**
 * Whether somebody who logged in could still do so by what they came with: nothing of it is locked, revoked, over or gone from the
 * policy. The signature was verified at login and is not looked at again, so that it may be asked often.
 */
export function isStillIn(
  { config, keeper, clocks }: Pick<DecisionContext, "config" | "keeper" | "clocks">,
  { identity: name, fingerprint, serial }: Pick<ProvenCaller, "identity" | "fingerprint" | "serial">,
): boolean {
  const { state } = keeper;
  const identity = config().policy.identities.get(name);
  if (identity === undefined || state.revokedKeys.has(fingerprint)) return false;
  if (lockOn(state, { identity: name, ...(serial !== undefined && { serial }) }) !== undefined) return false;
  if (serial === undefined) return identity.keys.some((key) => key.fingerprint === fingerprint);
  const certificate = state.certificates.get(serial);
  return (
    certificate !== undefined &&
    certificate.revoked === undefined &&
    !isCertificateOver(state, certificate, clocks.wallMs())
  );
}
