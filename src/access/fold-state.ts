import { AccessError } from "./access-error.js";
import type { DiskOverrideState } from "./disk.js";
import type { HoldState } from "./hold.js";
import type { GrantId, HoldId, RedactionId, RequestId, SessionId } from "./id.js";
import type { RedactionState } from "./redaction.js";
import type {
  CertificateState,
  DiskState,
  GrantState,
  LedgerClock,
  LockState,
  RequestState,
  Revocation,
  SessionState,
  State,
  TokenState,
} from "./state.js";

/** The state as only the fold has it. */
export interface MutableState extends State {
  readonly requests: Map<RequestId, RequestState>;
  readonly openRequests: Set<RequestId>;
  readonly requestsOf: Map<string, Set<RequestId>>;
  readonly grants: Map<GrantId, GrantState>;
  readonly openGrants: Set<GrantId>;
  readonly openReviews: Set<GrantId>;
  readonly locks: Map<string, LockState>;
  readonly holds: Map<HoldId, HoldState>;
  readonly openHolds: Set<HoldId>;
  disk: DiskState | undefined;
  diskOverride: DiskOverrideState | undefined;
  readonly tokens: Map<string, TokenState>;
  readonly certificates: Map<string, CertificateState>;
  readonly revokedKeys: Map<string, Revocation>;
  readonly sessions: Map<SessionId, SessionState>;
  readonly liveSessions: Set<SessionId>;
  readonly redactions: Map<RedactionId, RedactionState>;
  readonly openRedactions: Set<RedactionId>;
  readonly grantsOf: Map<string, Set<GrantId>>;
  clock: LedgerClock;
  policy: string | undefined;
  running: boolean;
  denials: number;
}

/** Throws AccessError `impossible-event` for what the ledger never saw; so do the next two. */
export function sessionOf(state: State, id: SessionId): SessionState {
  const session = state.sessions.get(id);
  if (session === undefined) throw impossible(`session ${id} was never started`);
  return session;
}

export function grantOf(state: State, id: GrantId): GrantState {
  const grant = state.grants.get(id);
  if (grant === undefined) throw impossible(`grant ${id} was never issued`);
  return grant;
}

export function requestOf(state: State, id: RequestId): RequestState {
  const request = state.requests.get(id);
  if (request === undefined) throw impossible(`request ${id} was never made`);
  return request;
}

export function impossible(message: string): AccessError {
  return new AccessError("impossible-event", "event", message);
}

/** Adds to the set of one key. */
export function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const own = sets.get(key);
  if (own === undefined) sets.set(key, new Set([value]));
  else own.add(value);
}
