import {
  matchGlob,
  type AccessRequest,
  type CutReason,
  type EventOf,
  type Grant,
  type LockSubject,
  type Quorum,
  type RedactionId,
  type RequestId,
  type SessionId,
  type SessionState,
} from "../access/index.js";

/** What people are told of: the events of the ledger that concern somebody else, each with what it is about. */
export type News =
  RequestNews | GrantNews | CredentialNews | SessionNews | LockNews | KeepNews | EditNews | WitnessNews;

export type NewsType = News["type"];

const TYPES: Readonly<Record<NewsType, true>> = {
  "request.made": true,
  "request.approved": true,
  "request.denied": true,
  "request.cancelled": true,
  "request.lapsed": true,
  "grant.issued": true,
  "grant.break-glass": true,
  "grant.extended": true,
  "grant.reviewed": true,
  "grant.revoked": true,
  "certificate.revoked": true,
  "session.cut": true,
  "recording.failed": true,
  "lock.set": true,
  "lock.lifted": true,
  "hold.set": true,
  "hold.lifted": true,
  "disk.state": true,
  "disk.override.asked": true,
  "disk.override.given": true,
  "disk.override.ended": true,
  "redaction.asked": true,
  "redaction.approved": true,
  "redaction.denied": true,
  "redaction.lapsed": true,
  "recording.redacted": true,
  "recording.rewrapped": true,
  "recording.unsealed": true,
  "witness.refused": true,
};

/** Every type there is: what a receiver's globs are held against. */
export const NEWS_TYPES = Object.keys(TYPES) as readonly NewsType[];

export type RequestNews =
  | {
      readonly type: "request.made";
      readonly request: AccessRequest;
      /** Names of those who could approve it; none when it waits for nobody. */
      readonly approvers: readonly string[];
    }
  | {
      readonly type: "request.approved";
      readonly request: AccessRequest;
      readonly by: string;
      readonly durationMs?: number;
      readonly comment?: string;
      readonly signed: boolean;
      readonly presence: boolean;
      /** The quorums that are still short of people. */
      readonly missing: readonly Quorum[];
    }
  | {
      readonly type: "request.denied";
      readonly request: AccessRequest;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: "request.cancelled";
      readonly request: AccessRequest;
      readonly by: string;
      readonly reason?: string;
    }
  | { readonly type: "request.lapsed"; readonly request: AccessRequest };

export type GrantNews =
  | {
      readonly type: "grant.issued";
      readonly grant: Grant;
      readonly by: string;
      /** None: an admin gave it of their own accord. */
      readonly request?: RequestId;
    }
  | {
      readonly type: "grant.break-glass";
      readonly grant: Grant;
      readonly by: string;
      readonly request?: RequestId;
      /** Names of those who can close the review. */
      readonly reviewers: readonly string[];
    }
  | {
      readonly type: "grant.extended";
      /** With its new end. */
      readonly grant: Grant;
      readonly by: string;
      readonly reason: string;
      /** None: the holder did it, as the role allows once. */
      readonly request?: RequestId;
    }
  | { readonly type: "grant.reviewed"; readonly grant: Grant; readonly by: string; readonly comment: string }
  | { readonly type: "grant.revoked"; readonly grant: Grant; readonly by: string; readonly reason: string };

export interface CredentialNews {
  readonly type: "certificate.revoked";
  /** Of the certificate; a key's is not looked for. */
  readonly identity?: string;
  readonly serial?: string;
  readonly fingerprint?: string;
  readonly by: string;
  readonly reason: string;
}

export type SessionNews =
  | {
      readonly type: "session.cut";
      readonly session: SessionState;
      readonly reason: CutReason;
      readonly by: string;
    }
  | {
      readonly type: "recording.failed";
      readonly session: SessionState;
      readonly code: string;
      readonly detail: string;
    };

export interface LockNews {
  readonly type: "lock.set" | "lock.lifted";
  readonly subject: LockSubject;
  readonly by: string;
  readonly reason: string;
}

/** Legal holds and the state of the disk: the entries themselves say all there is. */
export type KeepNews = EventOf<
  | "hold.set"
  | "hold.lifted"
  | "disk.state"
  | "disk.override.asked"
  | "disk.override.given"
  | "disk.override.ended"
>;

/** Blocks of a recording that somebody wants destroyed. */
interface WantedGone {
  readonly redaction: RedactionId;
  readonly session: SessionId;
  /** First and last. */
  readonly blocks: readonly [from: number, to: number];
  readonly reason: string;
  readonly askedBy: string;
}

/** What a recording holds, or who can open it, is changed or to be changed. */
export type EditNews =
  | (WantedGone & {
      readonly type: "redaction.asked";
      /** Names of those who could approve it. */
      readonly approvers: readonly string[];
    })
  | (WantedGone & { readonly type: "redaction.approved"; readonly by: string })
  | (WantedGone & { readonly type: "redaction.denied"; readonly by: string; readonly denial: string })
  | (WantedGone & { readonly type: "redaction.lapsed" })
  | (WantedGone & { readonly type: "recording.redacted"; readonly approvedBy: string })
  | EventOf<"recording.rewrapped" | "recording.unsealed">;

/** A witness would not sign the ledger's newest checkpoint, or its answer was not to be believed: the entry says all there is. */
export type WitnessNews = EventOf<"witness.refused">;

/** News on its way: everything that a message is made of. */
export interface Notice {
  /** The same for each receiver and attempt, by which a receiver knows what it has had before. */
  readonly id: string;
  /** Number of the ledger entry. */
  readonly entry: number;
  /** When it happened (the entry's own time). */
  readonly atMs: number;
  /** The bastion's name, which is also where `ssh` reaches it. */
  readonly bastion: string;
  readonly news: News;
}

/** Whether globs over types ask for such news. Who hears of grants hears of those that nobody approved, whatever their type. */
export function isHeard(type: NewsType, globs: readonly string[]): boolean {
  const names = type === "grant.break-glass" ? [type, "grant.issued"] : [type];
  return names.some((name) => globs.some((glob) => matchGlob(glob, name)));
}
