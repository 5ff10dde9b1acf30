import { askableTargets, isGrantGone, lockOn, type Grant } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { Denied } from "../refusals/refusal.js";

/** The port that a target's name has for clients, wherever the target really listens. */
const SSH_PORT = 22;

/** Who wants to go where; the identity is that of a verified login. */
export interface ReachAsk {
  readonly identity: string;
  readonly target: string;
  readonly port: number;
}

/**
 * First hop, `ssh -J`: may this identity reach a target by that name at all? It holds a live grant for it, whatever the
 * login. The last hop decides again, with the certificate and the login.
 */
export function mayReach(
  { config, keeper, clocks }: DecisionContext,
  { identity: name, target, port }: ReachAsk,
): { ok: true } | Denied {
  const { policy, inventory } = config();
  const identity = policy.identities.get(name);
  if (identity === undefined) return { ok: false, reason: "unknown-identity", detail: "", isKnown: false };
  const about = { ok: false, isKnown: true, identity: name, target } as const;
  const askable = [...askableTargets(policy, identity).keys()];
  const found = inventory.get(target);
  if (found === undefined) return { ...about, reason: "unknown-target", detail: "", instead: askable };
  if (port !== SSH_PORT && port !== found.address.port)
    return { ...about, reason: "wrong-port", detail: `port ${port}` };
  const { grants, grantsOf } = keeper.state;
  const nowMs = clocks.wallMs();
  const held = [...(grantsOf.get(name) ?? [])]
    .map((id) => grants.get(id))
    .filter((one) => one !== undefined)
    .filter(({ grant }) => grant.targets.includes(target));
  const lock = lockOn(keeper.state, { target });
  if (lock !== undefined && (held.length > 0 || askable.includes(target)))
    // its reason is for whom it concerns
    return { ...about, reason: "locked", detail: lock.reason, atMs: lock.atMs, locked: target };
  if (held.some((one) => !isGrantGone(one, nowMs))) return { ok: true };
  const last = held.at(-1);
  if (last?.revoked) {
    const { atMs, reason } = last.revoked;
    return { ...about, reason: "grant-revoked", detail: reason, atMs, ...loginOf(last.grant) };
  }
  if (last)
    return {
      ...about,
      reason: "grant-ended",
      detail: "",
      atMs: last.ended?.atMs ?? last.grant.untilMs,
      ...loginOf(last.grant),
    };
  const login = askableTargets(policy, identity).get(target)?.[0];
  return { ...about, reason: "no-grant", detail: "first hop", ...(login !== undefined && { login }) };
}

/** A login to name in the command that would help. */
function loginOf({ logins: [login] }: Grant): { login?: string } {
  return login === undefined ? {} : { login };
}
