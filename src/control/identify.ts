import { cleanText } from "../access/index.js";
import type { Calls } from "../rpc/index.js";
import type { DecisionContext } from "./decision-context.js";
import { verifyLogin } from "./login-proof.js";
import type { Denied } from "./refusal.js";
import { spanText, utcText } from "./wording.js";

/** Grants that a greeting names. */
const GREETED_MAX = 10;

/** First hop: whose login is this? A certificate of ours or a registered key; nothing is opened by it yet. */
export function identify(
  context: DecisionContext,
  { proof, clientAddress }: Calls["identify"]["params"],
): { ok: true; identity: string; greeting: string } | Denied {
  const { authority, keeper, clocks, proofs } = context;
  const { policy } = context.config();
  const about = {
    userCa: authority.userCa,
    state: keeper.state,
    policy,
    clientAddress,
    nowMs: clocks.wallMs(),
  };
  const proven = verifyLogin(proof, about);
  if (!proven.ok) return proven;
  const { identity, fingerprint } = proven;
  if (!proofs.use("identify", proof.sessionId, clocks.monotonicMs())) {
    const detail = "this login was used before";
    return { ok: false, reason: "proof-reused", detail, isKnown: true, identity, fingerprint };
  }
  return { ok: true, identity, greeting: greeting(context, identity) };
}

/** What somebody reads who opens a shell on the bastion itself. */
function greeting({ keeper, clocks, config }: DecisionContext, identity: string): string {
  const nowMs = clocks.wallMs();
  const { grants, grantsOf } = keeper.state;
  const live = [...(grantsOf.get(identity) ?? [])]
    .map((id) => grants.get(id))
    .filter((held) => held !== undefined && held.revoked === undefined && held.grant.untilMs > nowMs)
    .slice(-GREETED_MAX);
  const lines = live.map((held) => {
    const { id, targets, logins, untilMs } = held?.grant ?? { id: "", targets: [], logins: [], untilMs: 0 };
    const left = `until ${utcText(untilMs)} (${spanText(untilMs - nowMs)} left)`;
    return `  ${id}  ${targets.join(", ")} as ${logins.join(", ")}  ${left}`;
  });
  const held = lines.length === 0 ? ["You hold no live grant."] : ["Your live grants:", ...lines];
  const { name } = config();
  return [
    `This is ${name}. You are ${cleanText(identity)}.`,
    ...held,
    `Connect with: ssh -J ${name} LOGIN@TARGET`,
    "",
  ].join("\n");
}
