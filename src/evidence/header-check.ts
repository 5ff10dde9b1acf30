import type { SessionState, State } from "../access/index.js";
import type { VerifiedRecording } from "../recording/index.js";

/**
 * What a recording's header says otherwise than the entries of its session; undefined when they agree. `policies` are those that
 * were in force; undefined when an entry cannot be read that may have named another.
 */
export function headerFault(
  header: VerifiedRecording["header"],
  session: SessionState,
  { grants }: State,
  policies: ReadonlyMap<string, number> | undefined,
): string | undefined {
  const { identity, grant, serial, target, login, clientAddress } = session;
  const wanted = { session: session.session, identity, grant, serial, target, login, clientAddress };
  const others: string[] = Object.entries(wanted)
    .filter(([name, value]) => header[name as keyof typeof wanted] !== value)
    .map(([name]) => name);
  const given = grants.get(grant)?.grant;
  if (given !== undefined && header.approvers.join() !== given.approvers.join()) others.push("approvers");
  if (policies?.has(header.policy) === false) others.push("policy");
  if (others.length === 0) return undefined;
  const whose = others.includes("session") ? `: it is the recording of ${header.session}` : "";
  return `its header says another ${others.join(", ")}${whose}`;
}
