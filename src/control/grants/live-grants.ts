import { isGrantGone, type Grant, type GrantId, type State } from "../../access/index.js";

/** Grants of an identity that are not over, newest first; with `aheadMs` also those that begin so soon. */
export function liveGrantsOf(state: State, identity: string, nowMs: number, aheadMs = 0): readonly Grant[] {
  const live: Grant[] = [];
  for (const id of state.grantsOf.get(identity) ?? []) {
    const held = state.grants.get(id);
    if (held === undefined || isGrantGone(held, nowMs)) continue;
    const { grant } = held;
    if (grant.fromMs <= nowMs + aheadMs) live.unshift(grant);
  }
  return live;
}

/** A live grant of an identity for one login on one target, whatever certificate they came with. */
export function heldGrant(
  state: State,
  identity: string,
  { target, login }: { readonly target: string; readonly login: string },
  nowMs: number,
): GrantId | undefined {
  const held = liveGrantsOf(state, identity, nowMs);
  return held.find(({ targets, logins }) => targets.includes(target) && logins.includes(login))?.id;
}
