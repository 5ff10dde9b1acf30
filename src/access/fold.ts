import type { AccessEvent } from "./event.js";
import type { TokenIssued } from "./credential-event.js";
import type { CertificateIssued, CertificateRevoked } from "./grant-event.js";
import { foldEdit, noteUnsealed } from "./fold-edit.js";
import { tick } from "./fold-clock.js";
import { endGrant, extendGrant, issueGrant, reviewGrant, revokeGrant } from "./fold-grant.js";
import {
  archiveRecording,
  askOverride,
  deleteRecording,
  endOverride,
  giveOverride,
  liftHold,
  setHold,
} from "./fold-keep.js";
import { approveRequest, endRequest, makeRequest } from "./fold-request.js";
import { grantOf, impossible, sessionOf, type MutableState } from "./fold-state.js";
import type { SessionId } from "./id.js";
import { lockKey } from "./lock.js";
import {
  NO_CERTIFICATE,
  type SessionEnded,
  type SessionOutcome,
  type SessionStarted,
} from "./session-event.js";
import type { Revocation, SessionState, State } from "./state.js";

/** The state before the first entry. */
export function emptyState(): State {
  const state: MutableState = {
    requests: new Map(),
    openRequests: new Set(),
    requestsOf: new Map(),
    grants: new Map(),
    openGrants: new Set(),
    openReviews: new Set(),
    locks: new Map(),
    holds: new Map(),
    openHolds: new Set(),
    disk: undefined,
    diskOverride: undefined,
    tokens: new Map(),
    certificates: new Map(),
    revokedKeys: new Map(),
    sessions: new Map(),
    liveSessions: new Set(),
    redactions: new Map(),
    openRedactions: new Set(),
    grantsOf: new Map(),
    clock: { atMs: 0, elapsedMs: 0 },
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
  const { clock } = next;
  next.clock = tick(clock, atMs);
  try {
    apply(next, event, atMs);
  } catch (error) {
    next.clock = clock;
    throw error;
  }
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
    case "request.made":
      makeRequest(state, event, atMs);
      break;
    case "request.approved":
      approveRequest(state, event, atMs);
      break;
    case "request.denied": {
      const { by, reason } = event;
      endRequest(state, event.request, { kind: "denied", atMs, by, reason });
      break;
    }
    case "request.cancelled": {
      const { by, reason } = event;
      endRequest(state, event.request, { kind: "cancelled", atMs, by, ...(reason && { reason }) });
      break;
    }
    case "request.lapsed":
      endRequest(state, event.request, { kind: "lapsed", atMs });
      break;
    case "grant.extended":
      extendGrant(state, event, atMs);
      break;
    case "grant.ended":
      endGrant(state, event, atMs);
      break;
    case "grant.reviewed":
      reviewGrant(state, event, atMs);
      break;
    case "lock.set": {
      const { kind, name, by, reason } = event;
      const key = lockKey(event);
      if (!state.locks.has(key)) state.locks.set(key, { kind, name, by, reason, atMs });
      break;
    }
    case "lock.lifted":
      state.locks.delete(lockKey(event));
      break;
    case "token.issued":
      issueToken(state, event, atMs);
      break;
    case "workload.identified":
    case "ledger.healed":
    case "witness.cosigned":
    case "witness.refused":
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
    case "denial.forgotten":
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
    case "recording.unsealed":
      noteUnsealed(state, event, atMs);
      break;
    case "hold.set":
      setHold(state, event, atMs);
      break;
    case "hold.lifted":
      liftHold(state, event, atMs);
      break;
    case "recording.archived":
      archiveRecording(state, event, atMs);
      break;
    case "recording.deleted":
      deleteRecording(state, event, atMs);
      break;
    case "disk.state":
      state.disk = { state: event.state, where: event.where, freeBytes: event.freeBytes, atMs };
      break;
    case "disk.override.asked":
      askOverride(state, event, atMs);
      break;
    case "disk.override.given":
      giveOverride(state, event, atMs);
      break;
    case "disk.override.ended":
      endOverride(state, event, atMs);
      break;
    case "recording.rewrapped":
    case "redaction.asked":
    case "redaction.approved":
    case "redaction.denied":
    case "redaction.lapsed":
    case "recording.redacted":
      foldEdit(state, event, atMs);
      break;
    case "proxy.lost":
      for (const session of [...state.liveSessions]) {
        if (sessionOf(state, session).proxy === event.proxy) endSession(state, session, "interrupted", atMs);
      }
      break;
  }
}

/** Forgets tokens that are over, from the oldest on: what is left is a few hours' worth. */
function issueToken(state: MutableState, event: TokenIssued, atMs: number): void {
  const { token, identity, purpose, commands, fingerprint, untilMs } = event;
  if (state.tokens.has(token)) throw impossible(`token ${token} was issued before`);
  for (const [old, { untilMs: endMs }] of state.tokens) {
    if (endMs > atMs) break;
    state.tokens.delete(old);
  }
  const narrowed = { ...(commands && { commands }), ...(fingerprint !== undefined && { fingerprint }) };
  state.tokens.set(token, { token, identity, purpose, ...narrowed, untilMs, issuedAtMs: atMs });
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
  if (!grant.targets.includes(target) || !grant.logins.includes(login))
    throw impossible(`session ${session} is not where grant ${grant.id} leads`);
  // what was revoked meanwhile is no fault: whoever decided may not have known yet, and cuts it
  if (serial !== NO_CERTIFICATE && state.certificates.get(serial)?.grants.includes(grant.id) !== true)
    throw impossible(`session ${session} is by no certificate that names grant ${grant.id}`);
  const { recording, channels, untilMs, proxy, retention, index } = event;
  const who = { session, identity, grant: grant.id, serial, target, login, clientAddress };
  const kept = { ...(retention && { retention }), ...(index && { index }) };
  state.sessions.set(session, { ...who, recording, channels, untilMs, proxy, ...kept, startedAtMs: atMs });
  state.liveSessions.add(event.session);
}

/** Heads only grow; one that arrives late, after its successor, is old news. */
function noteHead(
  state: MutableState,
  id: SessionId,
  head: NonNullable<SessionEnded["head"]>,
  atMs: number,
): void {
  const { bytes, blocks, hash, torn } = head;
  const noted = { bytes, blocks, hash, atMs, ...(torn && { torn }) };
  updateSession(state, id, (session) =>
    session.head !== undefined && session.head.bytes > bytes && torn === undefined ? {} : { head: noted },
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
