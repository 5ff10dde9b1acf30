import { approversOf, isMemberOf, type Identity, type Policy } from "../../access/index.js";
import type { PolicyPair } from "./compare-access.js";

/** What somebody has or loses beside access to targets: a way to prove who they are, a say over others. */
export interface PersonChange {
  readonly identity: string;
  readonly gains: readonly string[];
  readonly loses: readonly string[];
}

/** Each identity of which something changes, in order of the alphabet. */
export function comparePeople({ before, after }: PolicyPair): readonly PersonChange[] {
  const [had, has] = [standings(before), standings(after)];
  const names = [...new Set([...had.keys(), ...has.keys()])].sort();
  return names.flatMap((identity) => {
    const [was, is] = [had.get(identity) ?? new Set<string>(), has.get(identity) ?? new Set<string>()];
    const gains = [...is].filter((one) => !was.has(one));
    const loses = [...was].filter((one) => !is.has(one));
    return gains.length + loses.length === 0 ? [] : [{ identity, gains, loses }];
  });
}

function standings(policy: Policy): ReadonlyMap<string, Set<string>> {
  const found = new Map(
    [...policy.identities].map(([name, identity]) => [name, ownStanding(policy, identity)]),
  );
  for (const role of policy.roles.values()) {
    for (const name of approversOf(policy, role, "")) found.get(name)?.add(`may approve ${role.name}`);
  }
  return found;
}

function ownStanding(policy: Policy, identity: Identity): Set<string> {
  const { keys, workloads } = identity;
  return new Set([
    ...(isMemberOf(identity, policy.admins) ? ["is an admin"] : []),
    ...(isMemberOf(identity, policy.auditors) ? ["is an auditor"] : []),
    ...(isMemberOf(identity, policy.redactors) ? ["is a redactor"] : []),
    ...(isMemberOf(identity, policy.unsealers) ? ["is an unsealer"] : []),
    ...keys.map(({ fingerprint }) => `key ${fingerprint}`),
    ...workloads.map(({ issuer, audience, claims }) => {
      const wanted = Object.entries(claims).map(([claim, value]) => `${claim}=${value}`);
      return `workload of ${issuer} for ${audience} with ${wanted.sort().join(", ")}`;
    }),
  ]);
}
