import type { ChannelKind } from "./channel-kind.js";
import type { Grant } from "./grant.js";
import type { GrantId, SessionId } from "./id.js";
import type { CutReason, RecordingHead, SessionOutcome } from "./session-event.js";

/** That and why something was taken back. The first revocation stands; later ones change nothing. */
export interface Revocation {
  readonly atMs: number;
  readonly by: string;
  readonly reason: string;
}

export interface GrantState {
  readonly grant: Grant;
  readonly issuedAtMs: number;
  readonly by: string;
  readonly revoked?: Revocation;
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
  /** The last head that the ledger knows. */
  readonly head?: RecordingHead & { readonly atMs: number };
  readonly failed?: { readonly atMs: number; readonly code: string; readonly detail: string };
  readonly cut?: { readonly atMs: number; readonly reason: CutReason; readonly by: string };
  readonly ended?: { readonly atMs: number; readonly outcome: SessionOutcome };
}

/**
 * What is true now: nothing but the fold of the ledger's entries. Readers take what they need and must not keep it
 * across a fold: `fold` changes the maps in place, though never the values in them.
 */
export interface State {
  readonly grants: ReadonlyMap<GrantId, GrantState>;
  /** By serial. */
  readonly certificates: ReadonlyMap<string, CertificateState>;
  /** By fingerprint. */
  readonly revokedKeys: ReadonlyMap<string, Revocation>;
  readonly sessions: ReadonlyMap<SessionId, SessionState>;
  /** Those without an end, in order of their start. */
  readonly liveSessions: ReadonlySet<SessionId>;
  /** Grants of an identity, in order of issue. */
  readonly grantsOf: ReadonlyMap<string, ReadonlySet<GrantId>>;
  /** Hash of the policy in force, or none before the first start. */
  readonly policy: string | undefined;
  /** Whether the last run of control has not (yet) been stopped in order. */
  readonly running: boolean;
  /** How many refusals there were. */
  readonly denials: number;
}
