import type { CertificateState, GrantState, State } from "./state.js";

/** Whether a grant's time is over: it was written down, which stands whatever a clock says now, or the wall clock says so. */
export function isGrantOver({ grant, ended }: GrantState, nowMs: number): boolean {
  return ended !== undefined || nowMs >= grant.untilMs;
}

/** Whether a grant serves nobody any more: its time is over, or it was taken back. */
export function isGrantGone(held: GrantState, nowMs: number): boolean {
  return held.revoked !== undefined || isGrantOver(held, nowMs);
}

/**
 * Whether a certificate's time is over: by the wall clock, or because its grants are gone and the end of one was written down, so that
 * a clock that was set back does not make it good again.
 */
export function isCertificateOver(
  { grants }: Pick<State, "grants">,
  certificate: CertificateState,
  nowMs: number,
): boolean {
  if (nowMs >= certificate.validBeforeMs) return true;
  const held = certificate.grants.map((id) => grants.get(id));
  const areGone = held.every((grant) => grant?.revoked !== undefined || grant?.ended !== undefined);
  return areGone && held.some((grant) => grant?.ended !== undefined);
}
