import type { GrantId, Instead, IssueDenial, Quorum, RequestId, RequestState } from "../access/index.js";
import type { ApprovalEvidence, Grant } from "../access/index.js";

/** What somebody asks for: every target with every login, under one role. */
export interface AccessAsk {
  readonly identity: string;
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  readonly durationMs: number;
  readonly reason: string;
  readonly ticket?: string;
  readonly role?: string;
  /** Not to begin before then. */
  readonly fromMs?: number;
  readonly breakGlass: boolean;
}

export interface Asked {
  readonly ok: true;
  readonly request: RequestState;
  /** There when nobody had to be waited for: automatic, or break-glass. */
  readonly grant?: Grant;
}

export interface RequestRefused {
  readonly ok: false;
  readonly reason: RequestDenial;
  readonly role?: string;
  readonly target?: string;
  readonly login?: string;
  readonly instead: Instead;
  /** The one that stands in the way (`already-asked`). */
  readonly request?: RequestId;
  /** For people, where the reason's own text says too little: why it is locked. */
  readonly detail?: string;
}

export type RequestDenial =
  | IssueDenial
  | "locked"
  | "already-asked"
  | "too-many-open"
  | "too-many-lately"
  | "break-glass-not-allowed"
  | "nobody-can-approve"
  | "begins-too-late"
  | "text-too-long"
  | "too-many-names";

/** One person's yes to a request, as it came. */
export interface GivenApproval {
  readonly request: RequestId;
  readonly by: string;
  /** Of the key that they logged in with. */
  readonly fingerprint?: string;
  /** Shorter than was asked. */
  readonly durationMs?: number;
  readonly comment?: string;
  /** The login as `approve.<req>.<digest>`; checked here again, whoever has checked it before. */
  readonly evidence?: ApprovalEvidence;
}

export interface Approved {
  readonly ok: true;
  /** After it: it may have been granted, or cancelled when policy would no longer give it (`outcome`). */
  readonly request: RequestState;
  /** Whom it still wants; empty when it was enough. */
  readonly missing: readonly Quorum[];
  /** The new grant, or the extended one, when it was enough. */
  readonly grant?: Grant;
}

export interface ApprovalRefused {
  readonly ok: false;
  readonly reason: ApprovalDenial;
  /** For people: the lock's reason, what is wrong with the evidence. */
  readonly detail?: string;
}

export type ApprovalDenial =
  | "unknown-request"
  | "own-request"
  | "approved-before"
  | "not-open"
  | "lapsed"
  | "locked"
  | "not-an-approver"
  | "signature-required"
  | "presence-required"
  | "longer-than-asked"
  | "role-withdrawn"
  | "role-narrowed"
  | "evidence-refused"; // it does not prove that this person approved exactly this request

/** A no, or a withdrawal. */
export interface RequestEnding {
  readonly request: RequestId;
  readonly by: string;
  readonly reason: string;
}

export interface RequestEnded {
  readonly ok: true;
  readonly request: RequestState;
}

export interface EndingRefused {
  readonly ok: false;
  readonly reason: "unknown-request" | "not-open" | "not-an-approver" | "not-yours" | "locked";
  readonly detail?: string;
}

export interface ExtensionAsk {
  readonly grant: GrantId;
  readonly by: string;
  readonly durationMs: number;
  readonly reason: string;
}

export type Extended =
  | { readonly ok: true; readonly kind: "self"; readonly grant: Grant }
  | {
      readonly ok: true;
      readonly kind: "request";
      readonly request: RequestState;
      /** There when the role gives it without asking anybody. */
      readonly grant?: Grant;
    };

export interface ReviewGiven {
  readonly grant: GrantId;
  readonly by: string;
  readonly comment: string;
}
