import type {
  ApprovalDenial,
  ApprovalEvidence,
  EndingDenial,
  ExtendDenial,
  Grant,
  GrantId,
  Instead,
  LockSubject,
  Quorum,
  RequestDenial,
  RequestId,
  RequestState,
  ReviewDenial,
} from "../../access/index.js";

export interface Asked {
  readonly ok: true;
  /** After it: it may have been granted already, or cancelled when policy changed that moment (`outcome`). */
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
  /** For people, where the reason alone says too little: why it is locked. */
  readonly detail?: string;
  /** What stands in the way (`locked`). */
  readonly lock?: LockSubject;
}

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
  /** `evidence-refused`: it does not prove that this person approved exactly this request. */
  readonly reason: ApprovalDenial | "unknown-request" | "evidence-refused";
  /** For people: why it is locked, what is wrong with the evidence. */
  readonly detail?: string;
  /** What stands in the way (`locked`). */
  readonly lock?: LockSubject;
}

/** A no. */
export interface RequestEnding {
  readonly request: RequestId;
  readonly by: string;
  readonly reason: string;
}

/** The requester's own end of it. */
export interface RequestWithdrawal {
  readonly request: RequestId;
  readonly by: string;
  readonly reason?: string;
}

export interface RequestEnded {
  readonly ok: true;
  readonly request: RequestState;
}

export interface EndingRefused {
  readonly ok: false;
  readonly reason: EndingDenial | "unknown-request";
  /** For people: why it is locked. */
  readonly detail?: string;
  /** What stands in the way (`locked`). */
  readonly lock?: LockSubject;
}

/** More time for a grant, from the end that it has now. */
export interface ExtensionAsk {
  readonly grant: GrantId;
  readonly by: string;
  readonly durationMs: number;
  readonly reason: string;
}

/** `self`: its holder did it alone. `request`: the role's approvals are asked for, unless it wants none. */
export type Extended =
  | { readonly ok: true; readonly kind: "self"; readonly grant: Grant }
  | ({ readonly kind: "request" } & Asked);

export interface ExtensionRefused {
  readonly ok: false;
  readonly reason: ExtendDenial | "unknown-grant";
  /** For people. */
  readonly detail?: string;
  /** What stands in the way (`locked`). */
  readonly lock?: LockSubject;
  /** The longest that could be had now, if there is any. */
  readonly maxDurationMs?: number;
  /** The one that waits (`already-asked`). */
  readonly request?: RequestId;
}

export interface ReviewGiven {
  readonly grant: GrantId;
  readonly by: string;
  readonly comment: string;
}

export interface Reviewed {
  readonly ok: true;
}

export interface ReviewRefused {
  readonly ok: false;
  readonly reason: ReviewDenial | "unknown-grant";
  /** For people: why it is locked. */
  readonly detail?: string;
  /** What stands in the way (`locked`). */
  readonly lock?: LockSubject;
}
