/**
 * Who may do what, and what is true now. Policy, grants and certificates as plain data; the events that the ledger
 * keeps, strictly parsed; the fold that makes state of them; and the questions asked of state and policy, each answered
 * with yes and its terms, or no and its reason.
 *
 * Must never: read a clock, do I/O, import a package or another room, or answer from anything but its arguments.
 */
export { AccessError, type AccessErrorCode } from "./access-error.js";
export { canonicalJson } from "./canonical-json.js";
export {
  encodeSaltedWords,
  parseSaltedWords,
  refusedWordsHash,
  SALT_BYTES,
  type RefusedWords,
} from "./refused-words.js";
export { CHANNEL_KINDS, type ChannelKind } from "./channel-kind.js";
export { RECIPIENTS_MAX } from "./edit-event.js";
export {
  ACCESS_EVENT_TYPES,
  parseAccessEvent,
  type AccessEvent,
  type AccessEventType,
  type EventOf,
} from "./event.js";
export { parseFingerprint, parseSerial } from "./fingerprint.js";
export { emptyState, fold } from "./fold.js";
export { StateBuilder } from "./state-builder.js";
export { statePieces, type StatePieces } from "./state-pieces.js";
export { tryFold } from "./try-fold.js";
export { CLOCK_STEP_MS, leftByLedgerMs } from "./fold-clock.js";
export { isCertificateOver, isGrantGone, isGrantOver } from "./grant-over.js";
export { matchGlob } from "./glob.js";
export { GRANT_NAMES_MAX, type Grant, type GrantOrigin } from "./grant.js";
export {
  ID_RANDOM_BYTES,
  matchId,
  newId,
  parseId,
  type GrantId,
  type HoldId,
  type IdMatch,
  type IdPrefix,
  type OverrideId,
  type RedactionId,
  type RequestId,
  type SessionId,
} from "./id.js";
export {
  mayIssue,
  type Instead,
  type IssueAsk,
  type IssueDenial,
  type IssueVerdict,
  type RoleFault,
  type RoleVerdict,
} from "./may-issue.js";
export {
  mayOpenSession,
  type GrantDenial,
  type SessionAsk,
  type SessionDenial,
  type SessionVerdict,
} from "./may-open-session.js";
export { BASTION, LOCAL_ADMIN, parseActor, parseLogin, parseName } from "./name.js";
export {
  approvalUser,
  parseApprovalUser,
  requestDigest,
  REQUEST_TEXT_CHARS_MAX,
  type AccessRequest,
} from "./access-request.js";
export {
  isApproved,
  missingApprovals,
  peopleNeeded,
  seatedApprovers,
  type Approvals,
  type PeoplesApproval,
  type Quorum,
  type Vote,
} from "./approvals.js";
export { approvedMs } from "./approved-duration.js";
export { approversOf } from "./approvers-of.js";
export { EVENT_BYTES_MAX, fitsLedger } from "./event-size.js";
export {
  mayAskOverride,
  mayGiveOverride,
  openOverride,
  overrideInForce,
  OVERRIDE_MS_MAX,
  type OverrideDenial,
  type OverrideVerdict,
} from "./disk-override.js";
export type { DiskLevel, DiskOverrideState, DiskPlace } from "./disk.js";
export type { HoldState, HoldSubject } from "./hold.js";
export { holdsOn, isHeld, mayLift, type LiftDenial, type LiftVerdict } from "./may-lift.js";
export {
  keptFromMs,
  mayArchive,
  mayDelete,
  type DeletionDenial,
  type DeletionVerdict,
} from "./may-delete.js";
export { INDEX_MODES, type IndexMode, type Retention } from "./retention.js";
export { explain, type ExplainedFault, type ExplainedRole, type Explanation } from "./explain.js";
export { lockOn, type Lockable } from "./lock-on.js";
export { mayApprove, type ApprovalDenial, type ApprovalVerdict, type Approver } from "./may-approve.js";
export { mayCancel, mayDeny, type EndingDenial, type EndingVerdict } from "./may-end-request.js";
export {
  extendedUntil,
  mayExtend,
  type ExtendAsk,
  type ExtendDenial,
  type ExtendVerdict,
} from "./may-extend.js";
export {
  isRedactor,
  mayApproveRedaction,
  mayDenyRedaction,
  mayRedact,
  redactionFault,
  redactorsBut,
  type RedactAsk,
  type RedactVerdict,
  type RedactionApprovalVerdict,
  type RedactionEndingVerdict,
} from "./may-redact.js";
export {
  BEGIN_AHEAD_MS_MAX,
  mayRequest,
  type RequestAsk,
  type RequestDenial,
  type RequestLimits,
  type RequestVerdict,
} from "./may-request.js";
export { mayReview, type ReviewDenial, type ReviewVerdict } from "./may-review.js";
export { isUnsealer, mayUnseal, type UnsealAsk, type UnsealVerdict } from "./may-unseal.js";
export type { RedactedStretch, RedactionOutcome, RedactionState, Rewrap, Unsealing } from "./redaction.js";
export { roleFor, type RoleAsk, type RoleForVerdict, type RoleRefused } from "./role-for.js";
export { stillGiven, type GivenFault, type GivenVerdict } from "./still-given.js";
export { lockedText, lockKey, type LockKind, type LockSubject } from "./lock.js";
export type { ApprovalEvidence } from "./request-event.js";
export { isInNetworks, parseNetwork } from "./network.js";
export {
  isMemberOf,
  type Identity,
  type IdentityKey,
  type Policy,
  type PolicyTarget,
  type Role,
  type TargetSelector,
  type Workload,
} from "./policy.js";
export { askableTargets, coversTarget, loginsOn } from "./role-scope.js";
export { NO_CERTIFICATE } from "./session-event.js";
export type {
  CutReason,
  DenialStage,
  ReadingWay,
  RecordingHead,
  SessionDenied,
  SessionOutcome,
  SessionStarted,
} from "./session-event.js";
export type {
  ApprovalState,
  CertificateState,
  DiskState,
  GrantState,
  LedgerClock,
  LockState,
  RequestOutcome,
  RequestState,
  Revocation,
  SessionState,
  State,
  TokenState,
} from "./state.js";
export { reviewRole, type RoleReview, type UnusedPermissions } from "./review-role.js";
export { usageOf } from "./usage.js";
export { cleanText, parseReason } from "./text.js";
export type { WitnessRefusal } from "./witness-event.js";
