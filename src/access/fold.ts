import { AccessError } from "./access-error.js";
import type { AccessEvent } from "./event.js";
import type { GrantId, SessionId } from "./id.js";
import type { CertificateIssued, CertificateRevoked, GrantIssued, GrantRevoked } from "./grant-event.js";
import type { RecordingHead, SessionOutcome, SessionStarted } from "./session-event.js";
import type { CertificateState, GrantState, Revocation, SessionState, State } from "./state.js";

interface MutableState extends State {
  readonly grants: Map<GrantId, GrantState>;
  readonly certificates: Map<string, CertificateState>;
  readonly revokedKeys: Map<string, Revocation>;
  readonly sessions: Map<SessionId, SessionState>;
  readonly liveSessions: Set<SessionId>;
  readonly grantsOf: Map<string, Set<GrantId>>;
  policy: string | undefined;
  running: boolean;
  denials: number;
}

/** The state before the first entry. */
export function emptyState(): State {
  const state: MutableState = {
    grants: new Map(),
    certificates: new Map(),
    revokedKeys: new Map(),
    sessions: new Map(),
    liveSessions: new Set(),
    grantsOf: new Map(),
    policy: undefined,
    running: false,
    denials: 0,
  };
  return state;
}

/**
 * The state after one more ledger entry. It changes `state` itself and returns it (a fold over millions of entries
 * cannot copy). The result depends on nothing but the events and their times, in order. Throws AccessError
 * `impossible-event`, with the state untouched, for an event about something the ledger never saw, or a second use of
 * an id; a reader of the ledger may report such an event and go on, and every other reader comes to the same state.
 * A second revocation, cut or end of the same thing is no error: the first one stands.
 */
export function fold(state: State, event: AccessEvent, atMs: number): State {
  const next = state as MutableState; // every State comes from emptyState()
  apply(next, event, atMs);
  return next;
}

function apply(state: MutableState, event: AccessEvent, atMs: number): void {
  switch (event.type) {
    case "bastion.started":
      state.policy = event.policy;
      state.running = true;
      break;
    case "bastion.stopped":
      state.running = false;
      break;
    case "policy.loaded":
      state.policy = event.hash;
      break;
    case "grant.issued":
      issueGrant(state, event, atMs);
      break;
    case "certificate.issued":
      issueCertificate(state, event, atMs);
      break;
    case "grant.revoked":
      revokeGrant(state, event, atMs);
      break;
    case "certificate.revoked":
      revokeCertificate(state, event, atMs);
      break;
    case "session.started":
      startSession(state, event, atMs);
      break;
    case "session.denied":
      if (event.session !== undefined) sessionOf(state, event.session);
      state.denials += 1;
      break;
    case "session.failed":
      updateSession(state, event.session, (session) =>
        session.failed ? {} : { failed: { atMs, code: event.code, detail: event.detail } },
      );
      break;
    case "session.cut":
      updateSession(state, event.session, (session) =>
        session.cut ? {} : { cut: { atMs, reason: event.reason, by: event.by } },
      );
      break;
    case "recording.head":
      noteHead(state, event.session, event, atMs);
      break;
    case "session.ended":
      if (event.head !== undefined) noteHead(state, event.session, event.head, atMs);
      endSession(state, event.session, event.outcome, atMs);
      break;
    case "recording.read":
      sessionOf(state, event.session);
      break;
    case "proxy.lost":
      for (const session of [...state.liveSessions]) {
        if (sessionOf(state, session).proxy === event.proxy) endSession(state, session, "interrupted", atMs);
      }
      break;
  }
}

function issueGrant(state: MutableState, { grant, by }: GrantIssued, atMs: number): void {
  if (state.grants.has(grant.id)) throw impossible(`grant ${grant.id} was issued before`);
  state.grants.set(grant.id, { grant, issuedAtMs: atMs, by });
  const own = state.grantsOf.get(grant.identity);
  if (own === undefined) state.grantsOf.set(grant.identity, new Set([grant.id]));
  else own.add(grant.id);
}

function issueCertificate(state: MutableState, event: CertificateIssued, atMs: number): void {
  if (state.certificates.has(event.serial)) throw impossible(`serial ${event.serial} was issued before`);
  for (const id of event.grants) {
    if (grantOf(state, id).grant.identity !== event.identity) {
      throw impossible(`serial ${event.serial} names grant ${id} of somebody else`);
    }
  }
  const { serial, identity, grants, fingerprint, by } = event;
  const validity = { validAfterMs: event.validAfterMs, validBeforeMs: event.validBeforeMs };
  state.certificates.set(serial, {
    serial,
    identity,
    grants,
    fingerprint,
    by,
    ...validity,
    issuedAtMs: atMs,
  });
}

function revokeGrant(state: MutableState, event: GrantRevoked, atMs: number): void {
  const grant = grantOf(state, event.grant);
  if (grant.revoked) return;
  state.grants.set(event.grant, { ...grant, revoked: { atMs, by: event.by, reason: event.reason } });
}

function revokeCertificate(state: MutableState, event: CertificateRevoked, atMs: number): void {
  const revoked: Revocation = { atMs, by: event.by, reason: event.reason };
  if (event.fingerprint !== undefined && !state.revokedKeys.has(event.fingerprint)) {
    state.revokedKeys.set(event.fingerprint, revoked);
  }
  if (event.serial === undefined) return;
  const certificate = state.certificates.get(event.serial);
  if (certificate === undefined) throw impossible(`serial ${event.serial} was never issued`);
  if (!certificate.revoked) state.certificates.set(event.serial, { ...certificate, revoked });
}

function startSession(state: MutableState, event: SessionStarted, atMs: number): void {
  if (state.sessions.has(event.session)) throw impossible(`session ${event.session} was started before`);
  const { grant } = grantOf(state, event.grant);
  if (grant.identity !== event.identity)
    throw impossible(`session ${event.session} uses a grant of somebody else`);
  const { session, identity, serial, target, login, clientAddress } = event;
  const { recording, channels, untilMs, proxy } = event;
  const who = { session, identity, grant: grant.id, serial, target, login, clientAddress };
  state.sessions.set(session, { ...who, recording, channels, untilMs, proxy, startedAtMs: atMs });
  state.liveSessions.add(event.session);
}

/** Heads only grow; one that arrives late, after its successor, is old news. */
function noteHead(state: MutableState, id: SessionId, head: RecordingHead, atMs: number): void {
  const { bytes, blocks, hash } = head;
  updateSession(state, id, (session) =>
    session.head !== undefined && session.head.bytes > bytes ? {} : { head: { bytes, blocks, hash, atMs } },
  );
}

function endSession(state: MutableState, id: SessionId, outcome: SessionOutcome, atMs: number): void {
  updateSession(state, id, (session) => (session.ended ? {} : { ended: { atMs, outcome } }));
  state.liveSessions.delete(id);
}

function updateSession(
  state: MutableState,
  id: SessionId,
  change: (session: SessionState) => Partial<SessionState>,
): void {
  const session = sessionOf(state, id);
  state.sessions.set(id, { ...session, ...change(session) });
}

function sessionOf(state: State, id: SessionId): SessionState {
  const session = state.sessions.get(id);
  if (session === undefined) throw impossible(`session ${id} was never started`);
  return session;
}

function grantOf(state: State, id: GrantId): GrantState {
  const grant = state.grants.get(id);
  if (grant === undefined) throw impossible(`grant ${id} was never issued`);
  return grant;
}

function impossible(message: string): AccessError {
  return new AccessError("impossible-event", "event", message);
}
