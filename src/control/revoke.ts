import { type CutReason, type GrantId, type SessionId, type SessionState } from "../access/index.js";
import type { DecisionContext } from "./decision-context.js";

/** Takes a grant back: its sessions end at once. Resolves with the sessions that were cut. */
export async function revokeGrant(
  context: DecisionContext,
  grant: GrantId,
  by: string,
  reason: string,
): Promise<readonly SessionId[]> {
  await context.keeper.record({ type: "grant.revoked", grant, by, reason });
  const text = `grant ${grant} was revoked by ${by}: ${reason}`;
  return cutWhere(context, (session) => session.grant === grant, { reason: "grant-revoked", by, text });
}

/** Revokes one certificate, or a key in every certificate and of itself. Their sessions end at once. */
export async function revokeCertificate(
  context: DecisionContext,
  what: { readonly serial: string } | { readonly fingerprint: string },
  by: string,
  reason: string,
): Promise<readonly SessionId[]> {
  const { keeper } = context;
  await keeper.record({ type: "certificate.revoked", ...what, by, reason });
  const isConcerned = ({ serial }: SessionState) =>
    "serial" in what
      ? serial === what.serial
      : keeper.state.certificates.get(serial)?.fingerprint === what.fingerprint;
  const text = `${"serial" in what ? "its certificate" : "its key"} was revoked by ${by}: ${reason}`;
  return cutWhere(context, isConcerned, { reason: "certificate-revoked", by, text });
}

/** Ends one live session; its grant stays. */
export async function killSession(
  context: DecisionContext,
  session: SessionId,
  by: string,
  reason: string,
): Promise<void> {
  await context.live.cut(session, "killed", by, `ended by ${by}: ${reason}`);
}

/** Cuts every live session that `isConcerned` says; all orders are out before the first disk write is waited for. */
export async function cutWhere(
  { keeper, live }: DecisionContext,
  isConcerned: (session: SessionState) => boolean,
  { reason, by, text }: { reason: CutReason; by: string; text: string },
): Promise<readonly SessionId[]> {
  const { liveSessions, sessions } = keeper.state;
  const concerned = [...liveSessions].filter((id) => {
    const session = sessions.get(id);
    return session !== undefined && session.cut === undefined && isConcerned(session);
  });
  await Promise.all(concerned.map((session) => live.cut(session, reason, by, text)));
  return concerned;
}
