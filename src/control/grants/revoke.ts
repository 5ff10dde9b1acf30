import type { AccessEvent, CutReason, GrantId, SessionId, SessionState } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";

/** Takes a grant back: its sessions end at once. Resolves with the sessions that were cut. */
export async function revokeGrant(
  context: DecisionContext,
  grant: GrantId,
  by: string,
  reason: string,
): Promise<readonly SessionId[]> {
  const text = `grant ${grant} was revoked by ${by}: ${reason}`;
  const cut = { reason: "grant-revoked", by, text } as const;
  const isConcerned = (session: SessionState) => session.grant === grant;
  const event = { type: "grant.revoked", grant, by, reason } as const;
  return context.grantTurns.take(grant, () => cutWith(context, event, isConcerned, cut));
}

/** Revokes one certificate, or a key in every certificate and of itself. Their sessions end at once. */
export async function revokeCertificate(
  context: DecisionContext,
  what: { readonly serial: string } | { readonly fingerprint: string },
  by: string,
  reason: string,
): Promise<readonly SessionId[]> {
  const { keeper } = context;
  const isConcerned = ({ serial }: SessionState) =>
    "serial" in what
      ? serial === what.serial
      : keeper.state.certificates.get(serial)?.fingerprint === what.fingerprint;
  const text = `${"serial" in what ? "its certificate" : "its key"} was revoked by ${by}: ${reason}`;
  const event = { type: "certificate.revoked", ...what, by, reason } as const;
  return cutWith(context, event, isConcerned, { reason: "certificate-revoked", by, text });
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

/** Why sessions are cut, by whom, and what their people read. */
export interface Cut {
  readonly reason: CutReason;
  readonly by: string;
  readonly text: string;
}

/**
 * Writes down what ends sessions, and ends them. The ledger has the cause before its effects, but no order waits for the
 * disk; what began while it was waited for is cut then. Resolves with all that were cut.
 */
export async function cutWith(
  context: DecisionContext,
  event: AccessEvent,
  isConcerned: (session: SessionState) => boolean,
  cut: Cut,
): Promise<readonly SessionId[]> {
  const recorded = context.keeper.record(event);
  const [first] = await Promise.all([cutWhere(context, isConcerned, cut), recorded]);
  const late = await cutWhere(context, isConcerned, cut);
  return [...first, ...late];
}

/** Cuts every live session that `isConcerned` says; all orders are out before the first disk write is waited for. */
export async function cutWhere(
  { keeper, live }: DecisionContext,
  isConcerned: (session: SessionState) => boolean,
  { reason, by, text }: Cut,
): Promise<readonly SessionId[]> {
  const { liveSessions, sessions } = keeper.state;
  const concerned = [...liveSessions].filter((id) => {
    const session = sessions.get(id);
    return session !== undefined && session.cut === undefined && isConcerned(session);
  });
  await Promise.all(concerned.map((session) => live.cut(session, reason, by, text)));
  return concerned;
}
