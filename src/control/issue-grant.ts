import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  newId,
  roleFor,
  type Grant,
  type Instead,
  type IssueDenial,
  type Policy,
  type Role,
} from "../access/index.js";
import {
  CertificateError,
  decodeCertificate,
  encodeCertificateLine,
  fingerprint,
  parsePublicKeyLine,
  type PublicKey,
} from "../certificate/index.js";
import { BACKDATED_MS, newSerial } from "./authority.js";
import type { DecisionContext } from "./decision-context.js";

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

export type GrantDenial = IssueDenial | "no-key" | "several-keys" | "malformed-key" | "key-revoked";

export interface GrantRefused {
  readonly ok: false;
  readonly reason: GrantDenial;
  readonly role?: string;
  readonly instead: Instead;
  /** What was refused, where several things were asked for. */
  readonly target?: string;
  readonly login?: string;
}

/**
 * Gives an identity a grant and a certificate that opens it, if policy has a role for all of it. Approvals are not asked
 * for: the admin answers for it, and the ledger says who did it. Both events are on the disk when it resolves.
 */
export async function issueGrant(
  context: DecisionContext,
  ask: GrantAsk,
): Promise<IssuedGrant | GrantRefused> {
  const { policy } = context.config();
  const verdict = roleFor(policy, ask);
  if (!verdict.ok) return verdict;
  const key = keyFor(policy, ask);
  if ("ok" in key) return key;
  const print = fingerprint(key);
  if (context.keeper.state.revokedKeys.has(print)) return { ok: false, reason: "key-revoked", instead: {} };
  const grant = grantOf(ask, verdict.role, context.clocks.wallMs());
  await context.keeper.record({ type: "grant.issued", grant, by: ask.by });
  return certify(context, grant, key, ask.by);
}

/** A user certificate for one grant, from a minute ago until its end. */
async function certify(
  { authority, keeper }: DecisionContext,
  grant: Grant,
  key: PublicKey,
  by: string,
): Promise<IssuedGrant> {
  const serial = newSerial();
  const { id, identity, fromMs, untilMs, sourceAddresses } = grant;
  const validity = { validAfterMs: fromMs - BACKDATED_MS, validBeforeMs: untilMs };
  const source = sourceAddresses === undefined ? {} : { sourceAddresses };
  const blob = authority.issueUser({
    key,
    identity,
    keyId: `${identity}/${id}`,
    serial,
    ...validity,
    ...source,
  });
  const issued = { serial: serial.toString(), fingerprint: fingerprint(key) };
  await keeper.record({ type: "certificate.issued", identity, grants: [id], ...issued, ...validity, by });
  const certificate = encodeCertificateLine(decodeCertificate(blob), `${identity}/${id}`);
  return { ok: true, grant, ...issued, certificate };
}

function keyFor(policy: Policy, { identity, key }: GrantAsk): PublicKey | GrantRefused {
  const registered = policy.identities.get(identity)?.keys ?? [];
  const [only] = registered;
  if (key === undefined && registered.length > 1) return { ok: false, reason: "several-keys", instead: {} };
  const line = key ?? only?.line;
  if (line === undefined) return { ok: false, reason: "no-key", instead: {} };
  try {
    return parsePublicKeyLine(line).key;
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { ok: false, reason: "malformed-key", instead: {} };
  }
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
