import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  LOCAL_ADMIN,
  lockOn,
  newId,
  roleFor,
  type Grant,
  type Instead,
  type IssueDenial,
  type LockState,
  type Policy,
  type Role,
  type State,
} from "../../access/index.js";
import { keyToCertify, type KeyDenial } from "./certified-key.js";
import { signCertificate } from "./certify.js";
import type { DecisionContext } from "../decision-context.js";

/** What an admin gives of their own accord. Every target is given with every login. */
export interface GrantAsk {
  readonly identity: string;
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  readonly durationMs: number;
  readonly reason: string;
  readonly ticket?: string;
  readonly role?: string;
  /** The key to be certified, one OpenSSH line; without it the identity's only registered one. */
  readonly key?: string;
  readonly by: string;
}

export interface IssuedGrant {
  readonly ok: true;
  readonly grant: Grant;
  readonly serial: string;
  readonly fingerprint: string;
  /** For a `-cert.pub` file, without its line end. */
  readonly certificate: string;
}

export type GrantDenial = IssueDenial | KeyDenial | "locked" | "own-grant" | "foreign-key";

export interface GrantRefused {
  readonly ok: false;
  readonly reason: GrantDenial;
  readonly role?: string;
  readonly instead: Instead;
  /** What was refused, where several things were asked for. */
  readonly target?: string;
  readonly login?: string;
  /** For people: why it is locked. */
  readonly detail?: string;
}

/**
 * Gives an identity a grant and a certificate that opens it, if policy has a role for all of it. Approvals are not asked
 * for: the admin answers for it, and the ledger says who did it. Nobody gives themselves anything, nor, except at the machine
 * itself, a key of their choice somebody else's name. Both events are on the disk when it resolves.
 */
export async function issueGrant(
  context: DecisionContext,
  ask: GrantAsk,
): Promise<IssuedGrant | GrantRefused> {
  const { policy } = context.config();
  const { state } = context.keeper;
  if (ask.by === ask.identity) return { ok: false, reason: "own-grant", instead: {} };
  const lock = lockOnAny(state, ask);
  if (lock !== undefined) return { ok: false, reason: "locked", detail: lock.reason, instead: {} };
  const verdict = roleFor(policy, ask);
  if (!verdict.ok) return verdict;
  const key = keyToCertify(policy, state, ask);
  if (!key.ok) return { ...key, instead: {} };
  if (ask.by !== LOCAL_ADMIN && !isRegistered(policy, ask.identity, key.fingerprint))
    return { ok: false, reason: "foreign-key", instead: {} };
  const grant = grantOf(ask, verdict.role, context.clocks.wallMs());
  await context.keeper.record({ type: "grant.issued", grant, by: ask.by });
  const { identity, by } = ask;
  const terms = { identity, grants: [grant], key: key.key, fingerprint: key.fingerprint, by };
  const { serial, fingerprint, certificate } = await signCertificate(context, terms);
  return { ok: true, grant, serial, fingerprint, certificate };
}

function isRegistered(policy: Policy, identity: string, fingerprint: string): boolean {
  return policy.identities.get(identity)?.keys.some((key) => key.fingerprint === fingerprint) === true;
}

function lockOnAny(state: State, { identity, targets }: GrantAsk): LockState | undefined {
  const locks = targets.map((target) => lockOn(state, { identity, target }));
  return locks.find((lock) => lock !== undefined);
}

/** It ends at a whole second, as certificates do. */
function grantOf(ask: GrantAsk, role: Role, nowMs: number): Grant {
  const { identity, targets, logins, reason, ticket } = ask;
  return {
    id: newId("grt", randomBytes(ID_RANDOM_BYTES)),
    ...{ identity, targets, logins, reason, role: role.name, approvers: [], channels: role.channels },
    ...{ fromMs: nowMs, untilMs: Math.ceil((nowMs + ask.durationMs) / 1000) * 1000 },
    ...(ticket && { ticket }),
    ...(role.sourceAddresses && { sourceAddresses: role.sourceAddresses }),
  };
}
