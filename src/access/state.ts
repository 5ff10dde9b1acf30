import type { ChannelKind } from "./channel-kind.js";
import type { Grant } from "./grant.js";
import type { AccessRequest } from "./access-request.js";
import type { Vote } from "./approvals.js";
import type { DiskLevel, DiskOverrideState, DiskPlace } from "./disk.js";
import type { HoldState } from "./hold.js";
import type { GrantId, HoldId, RedactionId, RequestId, SessionId } from "./id.js";
import type { LockSubject } from "./lock.js";
import type { RedactedStretch, RedactionState, Rewrap, Unsealing } from "./redaction.js";
import type { ApprovalEvidence } from "./request-event.js";
import type { IndexMode, Retention } from "./retention.js";
import type { CutReason, RecordingHead, SessionOutcome, TornTail } from "./session-event.js";

/** That and why something was taken back. The first revocation stands; later ones change nothing. */
export interface Revocation {
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

export interface GrantState {
  /** As it is now: an extension moves its `untilMs`. */
  readonly grant: Grant;
  readonly issuedAtMs: number;
  /** The ledger's own clock when it was issued. */
  readonly issuedAtElapsedMs: number;
  readonly by: string;
  /** What it answers, if it was asked for. */
  readonly request?: RequestId;
  readonly extensions: readonly GrantExtension[];
  readonly revoked?: Revocation;
  /** It was written down that its time is over. Without it, it may be over all the same (`isGrantOver`). */
  readonly ended?: { readonly atMs: number };
  /** Of a break-glass grant: who has looked at what was done under it. Open until there is one. */
  readonly review?: { readonly atMs: number; readonly by: string; readonly comment: string };
}

/** A later end that a grant was given. */
export interface GrantExtension {
  readonly atMs: number;
  readonly untilMs: number;
  readonly by: string;
  readonly reason: string;
  /** The request that was approved for it; none for the one that a holder may give themselves. */
  readonly request?: RequestId;
}

/** One person's yes, with what proves it. */
export interface ApprovalState extends Vote {
  readonly atMs: number;
  readonly fingerprint?: string;
  readonly durationMs?: number;
  readonly comment?: string;
  readonly evidence?: ApprovalEvidence;
}

/** How a request ended. `grant` is the new one, or the one that was extended. */
export type RequestOutcome =
  | { readonly kind: "granted"; readonly atMs: number; readonly by: string; readonly grant: GrantId }
  | { readonly kind: "denied"; readonly atMs: number; readonly by: string; readonly reason: string }
  | { readonly kind: "cancelled"; readonly atMs: number; readonly by: string; readonly reason?: string }
  | { readonly kind: "lapsed"; readonly atMs: number };

export interface RequestState {
  readonly request: AccessRequest;
  readonly madeAtMs: number;
  /** The ledger's own clock when it was made. */
  readonly madeAtElapsedMs: number;
  /** In order; one a person at most. */
  readonly approvals: readonly ApprovalState[];
  /** Open until there is one. */
  readonly outcome?: RequestOutcome;
}

export interface LockState extends LockSubject {
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

/** A bearer token that was made; the first use of its identity's key being revoked, or its identity locked, ends it. */
export interface TokenState {
  readonly token: string;
  readonly identity: string;
  readonly purpose: string;
  readonly commands?: readonly string[];
  readonly fingerprint?: string;
  readonly issuedAtMs: number;
  readonly untilMs: number;
}

export interface CertificateState {
  readonly serial: string;
  readonly identity: string;
  readonly grants: readonly GrantId[];
  readonly fingerprint: string;
  readonly validAfterMs: number;
  readonly validBeforeMs: number;
  readonly issuedAtMs: number;
  readonly by: string;
  readonly revoked?: Revocation;
}

export interface SessionState {
  readonly session: SessionId;
  readonly identity: string;
  readonly grant: GrantId;
  readonly serial: string;
  readonly target: string;
  readonly login: string;
  readonly clientAddress: string;
  readonly recording: string;
  readonly channels: readonly ChannelKind[];
  readonly untilMs: number;
  readonly proxy: string;
  readonly startedAtMs: number;
  /** How long its recording is kept, as its start fixed it; for ever, at hand, if absent. */
  readonly retention?: Retention;
  /** What search may keep of it, as its start fixed it. */
  readonly index?: IndexMode;
  /** That its recording lies in the archive, and where under it. */
  readonly archived?: { readonly atMs: number; readonly path: string };
  /** That its recording is no more. */
  readonly deleted?: { readonly atMs: number; readonly hash: string };
  /** The last head that the ledger knows. */
  readonly head?: RecordingHead & { readonly atMs: number; readonly torn?: TornTail };
  readonly failed?: { readonly atMs: number; readonly code: string; readonly detail: string };
  readonly cut?: { readonly atMs: number; readonly reason: CutReason; readonly by: string };
  readonly ended?: { readonly atMs: number; readonly outcome: SessionOutcome };
  /** The keys block of its recording is the substitute that this names; the first one if there is none. */
  readonly rewrapped?: Rewrap;
  /** What of its recording is substituted, and by what. */
  readonly redacted?: readonly RedactedStretch[];
  /** Who may see what was typed on its terminals, beside those to whom it was sealed. */
  readonly unsealed?: readonly Unsealing[];
}

/** How full the disk was when that last changed. */
export interface DiskState {
  readonly state: DiskLevel;
  readonly where: DiskPlace;
  readonly freeBytes: number;
  readonly atMs: number;
}

/** Time as the ledger's entries tell it. */
export interface LedgerClock {
  /** The time of the last entry. */
  readonly atMs: number;
  /** How much time went by for certain: every step forward from one entry to the next. A clock that is set back takes nothing from it. */
  readonly elapsedMs: number;
  /** The last time that an entry was older than the one before it by more than a minute. */
  readonly setBack?: { readonly atMs: number; readonly byMs: number };
}

/**
 * What is true now: nothing but the fold of the ledger's entries. Readers take what they need and must not keep it
 * across a fold: `fold` changes the maps in place, though never the values in them.
 */
export interface State {
  readonly requests: ReadonlyMap<RequestId, RequestState>;
  /** Those without an outcome, in order of being made. */
  readonly openRequests: ReadonlySet<RequestId>;
  /** Requests of an identity, in order of being made. */
  readonly requestsOf: ReadonlyMap<string, ReadonlySet<RequestId>>;
  readonly grants: ReadonlyMap<GrantId, GrantState>;
  /** Grants that were neither taken back nor said to have ended, in order of issue. */
  readonly openGrants: ReadonlySet<GrantId>;
  /** Break-glass grants that nobody has looked at yet. */
  readonly openReviews: ReadonlySet<GrantId>;
  /** By `lockKey`; only those in force. */
  readonly locks: ReadonlyMap<string, LockState>;
  /** Every hold there was. */
  readonly holds: ReadonlyMap<HoldId, HoldState>;
  /** Those in force, oldest first. */
  readonly openHolds: ReadonlySet<HoldId>;
  /** How full the disk is; nothing before the first change. */
  readonly disk: DiskState | undefined;
  /** The last wish for sessions on a full disk, and what became of it. */
  readonly diskOverride: DiskOverrideState | undefined;
  /** By the token's id; those that are over may be missing. */
  readonly tokens: ReadonlyMap<string, TokenState>;
  /** By serial. */
  readonly certificates: ReadonlyMap<string, CertificateState>;
  /** By fingerprint. */
  readonly revokedKeys: ReadonlyMap<string, Revocation>;
  readonly sessions: ReadonlyMap<SessionId, SessionState>;
  /** Those without an end, in order of their start. */
  readonly liveSessions: ReadonlySet<SessionId>;
  readonly redactions: ReadonlyMap<RedactionId, RedactionState>;
  /** Those that wait for somebody, and those that are approved and not yet done. */
  readonly openRedactions: ReadonlySet<RedactionId>;
  /** Grants of an identity, in order of issue. */
  readonly grantsOf: ReadonlyMap<string, ReadonlySet<GrantId>>;
  readonly clock: LedgerClock;
  /** Hash of the policy in force, or none before the first start. */
  readonly policy: string | undefined;
  /** Whether the last run of control has not (yet) been stopped in order. */
  readonly running: boolean;
  /** How many refusals there were. */
  readonly denials: number;
}
