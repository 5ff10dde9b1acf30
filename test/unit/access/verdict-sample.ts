import type { AccessEvent, Policy, RequestState, Role, State } from "../../../src/access/index.js";
import { policy, requestApproved, requestId, requestMade, role, stateOf } from "./sample.js";

/** So many requests an hour that nobody meets the limit by accident. */
export const LIMITS = { openPerIdentity: 3, perHourPerIdentity: 5 };

export const withoutIdentity = (name: string, from: Policy = policy()): Policy => ({
  ...from,
  identities: new Map([...from.identities].filter(([key]) => key !== name)),
});

export const withGroups = (name: string, ...groups: string[]): Policy => {
  const whole = policy();
  const identity = { name, groups, keys: [], workloads: [] };
  return { ...whole, identities: new Map([...whole.identities, [name, identity]]) };
};

export const policyOf = (changes: Partial<Role>): Policy => policy([role(changes)]);

/** The state after request() and these, and the request in it. */
export function asked(...later: readonly AccessEvent[]): { state: State; held: RequestState } {
  return heldIn(stateOf(requestMade(), ...later));
}

export function heldIn(state: State): { state: State; held: RequestState } {
  const held = state.requests.get(requestId());
  if (held === undefined) throw new TypeError("there is no request");
  return { state, held };
}

export const approvedBy = (by: string, ...groups: string[]): AccessEvent => requestApproved({ by, groups });

/** What a verdict says, in one word. */
export const word = (verdict: { readonly ok: boolean; readonly reason?: string }): string =>
  verdict.ok ? "ok" : (verdict.reason ?? "");
