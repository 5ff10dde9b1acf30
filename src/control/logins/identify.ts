import type { SessionProof } from "../../rpc/index.js";
import type { ProvenCaller } from "../proxies/carried-command.js";
import type { DecisionContext } from "../decision-context.js";
import { verifyLogin, type ProvenLogin } from "./login-proof.js";
import type { Denied } from "../refusals/refusal.js";

/** Signature algorithms of hardware keys; `verifyLogin` has demanded the touch. */
const HARDWARE = /^(webauthn-)?sk-/u;

/** First hop: whose login is this? A certificate of ours or a registered key; nothing is opened by it yet. */
export function identify(
  context: DecisionContext,
  { proof, clientAddress }: { readonly proof: SessionProof; readonly clientAddress: string },
): { ok: true; caller: ProvenCaller } | Denied {
  const { clocks, proofs } = context;
  const judged = judgeLogin(context, proof, clientAddress);
  if (!judged.ok) return judged;
  const { identity, fingerprint, serial } = judged;
  if (!proofs.use("identify", proof.sessionId, clocks.monotonicMs())) {
    const detail = "this login was used before";
    return { ok: false, reason: "proof-reused", detail, isKnown: true, identity, fingerprint };
  }
  const presence = HARDWARE.test(proof.algorithm);
  const caller = { identity, fingerprint, proof, presence, clientAddress };
  return { ok: true, caller: { ...caller, ...(serial !== undefined && { serial }) } };
}

/** Whether a login is good now: signature, key or certificate, and no lock on who or what it is. */
export function judgeLogin(
  { authority, keeper, clocks, config }: DecisionContext,
  proof: SessionProof,
  clientAddress: string,
): ProvenLogin | Denied {
  const { userCa } = authority;
  const about = {
    userCa,
    state: keeper.state,
    policy: config().policy,
    clientAddress,
    nowMs: clocks.wallMs(),
  };
  return verifyLogin(proof, about);
}
