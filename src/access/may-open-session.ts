import type { ChannelKind } from "./channel-kind.js";
import type { Grant } from "./grant.js";
import { isGrantOver } from "./grant-over.js";
import type { GrantId } from "./id.js";
import { lockOn } from "./lock-on.js";
import { isInNetworks } from "./network.js";
import type { Identity, Policy, PolicyTarget } from "./policy.js";
import { scopeFault } from "./role-scope.js";
import type { GrantState, LockState, State } from "./state.js";

/**
 * Who wants to be whom, where. By `serial`: a certificate that was verified, and opens only the grants that it names.
 * By `identity`: somebody proven by a registered key, whose live grants all count.
 */
export type SessionAsk = {
  readonly target: string;
  readonly login: string;
  readonly clientAddress: string;
} & ({ readonly serial: string } | { readonly identity: string; readonly fingerprint: string });

export type SessionDenial =
  "locked" | CredentialDenial | "unknown-identity" | "unknown-target" | "unknown-login" | GrantDenial;

type CredentialDenial =
  | "unknown-certificate" // a serial that the ledger does not know: signed by our key, but never issued
  | "certificate-revoked"
  | "key-revoked"
  | "certificate-not-yet-valid"
  | "certificate-expired";

/** What one grant has against a session, from the farthest off to the nearest miss. */
export type GrantDenial =
  | "no-grant" // none that names this target and this login
  | "role-withdrawn" // its role is no longer in the policy
  | "role-narrowed" // its role no longer gives this identity this login there
  | "grant-revoked"
  | "grant-ended"
  | "grant-not-yet-live"
  | "source-address";

export type SessionVerdict =
  | {
      readonly ok: true;
      readonly identity: string;
      readonly grant: Grant;
      /** What the grant gives and its role still allows. */
      readonly channels: readonly ChannelKind[];
      readonly untilMs: number;
    }
  | {
      readonly ok: false;
      readonly reason: SessionDenial;
      /** For the operator. */
      readonly detail: string;
      readonly identity?: string;
      readonly grant?: GrantId;
      /** When it began, ended or was revoked, where the reason is one of time. */
      readonly atMs?: number;
      /** The lock in the way; one on the target is nobody's business who may not know of the target. */
      readonly lock?: LockState;
    };

type Denied = Extract<SessionVerdict, { ok: false }>;

/**
 * Whether a session may begin now. A lock comes before everything else. Of several live grants the one that lasts longest serves. A grant is live when
 * `fromMs` ≤ now < `untilMs`, it is not revoked, and its identity, its target and its role are still in the policy.
 */
export function mayOpenSession(state: State, policy: Policy, ask: SessionAsk, nowMs: number): SessionVerdict {
  const locked = checkLocks(state, ask);
  if (locked !== undefined) return locked;
  const credential = checkCredential(state, ask, nowMs);
  if ("ok" in credential) return credential;
  const identity = policy.identities.get(credential.identity);
  if (identity === undefined) return denied("unknown-identity", "not in the policy", credential);
  const target = policy.targets.get(ask.target);
  if (target === undefined) return denied("unknown-target", "not in the policy", credential);
  if (!target.logins.includes(ask.login))
    return denied("unknown-login", "not a login of the target", credential);

  let best: SessionVerdict = denied("no-grant", "no grant names this target and login", credential);
  for (const id of credential.grants) {
    const grant = state.grants.get(id);
    if (grant === undefined || !opens(grant.grant, identity, ask)) continue;
    best = better(best, checkGrant(grant, policy, identity, target, ask, nowMs));
  }
  return best;
}

function checkLocks(state: State, ask: SessionAsk): Denied | undefined {
  const identity = "identity" in ask ? ask.identity : state.certificates.get(ask.serial)?.identity;
  const known = identity !== undefined && { identity };
  const lock = lockOn(state, {
    ...known,
    target: ask.target,
    ...("serial" in ask && { serial: ask.serial }),
  });
  return lock && { ...denied("locked", lock.reason, { ...known, atMs: lock.atMs }), lock };
}

interface Credential {
  readonly identity: string;
  readonly grants: Iterable<GrantId>;
}

function checkCredential(state: State, ask: SessionAsk, nowMs: number): Credential | Denied {
  if ("identity" in ask) {
    const revoked = state.revokedKeys.get(ask.fingerprint);
    if (revoked) return denied("key-revoked", revoked.reason, { identity: ask.identity, atMs: revoked.atMs });
    return { identity: ask.identity, grants: state.grantsOf.get(ask.identity) ?? [] };
  }
  const certificate = state.certificates.get(ask.serial);
  if (certificate === undefined) return denied("unknown-certificate", "serial is not in the ledger", {});
  const { identity, revoked, validAfterMs, validBeforeMs } = certificate;
  if (revoked) return denied("certificate-revoked", revoked.reason, { identity, atMs: revoked.atMs });
  const key = state.revokedKeys.get(certificate.fingerprint);
  if (key) return denied("key-revoked", key.reason, { identity, atMs: key.atMs });
  if (nowMs < validAfterMs) {
    return denied("certificate-not-yet-valid", "validity has not begun", { identity, atMs: validAfterMs });
  }
  if (nowMs >= validBeforeMs) {
    return denied("certificate-expired", "validity has ended", { identity, atMs: validBeforeMs });
  }
  return certificate;
}

function opens(grant: Grant, identity: Identity, ask: SessionAsk): boolean {
  return (
    grant.identity === identity.name && grant.targets.includes(ask.target) && grant.logins.includes(ask.login)
  );
}

function checkGrant(
  held: GrantState,
  policy: Policy,
  identity: Identity,
  target: PolicyTarget,
  ask: SessionAsk,
  nowMs: number,
): SessionVerdict {
  const { grant, revoked, ended } = held;
  const about = { identity: identity.name, grant: grant.id };
  const role = policy.roles.get(grant.role);
  if (role === undefined) return denied("role-withdrawn", `role ${grant.role} is not in the policy`, about);
  const fault = scopeFault(role, identity, target, ask.login);
  if (fault !== undefined) return denied("role-narrowed", `role ${grant.role}: ${fault}`, about);
  if (revoked) return denied("grant-revoked", revoked.reason, { ...about, atMs: revoked.atMs });
  if (isGrantOver(held, nowMs))
    return denied("grant-ended", "its time is over", { ...about, atMs: ended?.atMs ?? grant.untilMs });
  if (nowMs < grant.fromMs)
    return denied("grant-not-yet-live", "not begun", { ...about, atMs: grant.fromMs });
  for (const networks of [grant.sourceAddresses, role.sourceAddresses]) {
    if (networks !== undefined && !isInNetworks(ask.clientAddress, networks)) {
      return denied("source-address", `not in ${networks.join(", ")}`, about);
    }
  }
  const channels = grant.channels.filter((kind) => role.channels.includes(kind));
  return { ok: true, identity: identity.name, grant, channels, untilMs: grant.untilMs };
}

const NEARNESS: readonly SessionDenial[] = [
  "no-grant",
  "role-withdrawn",
  "role-narrowed",
  "grant-revoked",
  "grant-ended",
  "grant-not-yet-live",
  "source-address",
];

/** The longest yes; else the nearest no, and among equals the latest grant. */
function better(a: SessionVerdict, b: SessionVerdict): SessionVerdict {
  if (a.ok && b.ok) return b.untilMs > a.untilMs ? b : a;
  if (a.ok) return a;
  if (b.ok) return b;
  return NEARNESS.indexOf(b.reason) >= NEARNESS.indexOf(a.reason) ? b : a;
}

function denied(
  reason: SessionDenial,
  detail: string,
  about: { readonly identity?: string; readonly grant?: GrantId; readonly atMs?: number },
): Denied {
  const { identity, grant, atMs } = about;
  return {
    ok: false,
    reason,
    detail,
    ...(identity !== undefined && { identity }),
    ...(grant !== undefined && { grant }),
    ...(atMs !== undefined && { atMs }),
  };
}
