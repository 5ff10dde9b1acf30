import { QUORUM_COUNT_MAX } from "./approvals.js";
import { decodeRequest, type AccessRequest } from "./access-request.js";
import { boolean, count, list, object, oneOf, optional, text, type Decode } from "./decode.js";
import { AccessError } from "./access-error.js";
import { parseFingerprint } from "./fingerprint.js";
import { parseId, type RequestId } from "./id.js";
import { parseActor, parseName } from "./name.js";
import { parseReason } from "./text.js";

/** Somebody asked for access, or for more time. */
export interface RequestMade {
  readonly type: "request.made";
  readonly request: AccessRequest;
}

/**
 * The login by which an approver's ssh client signed `approve.<req>.<digest>` (RFC 4252 section 7; byte strings in base64):
 * whoever has the request and the approver's public key can check it (docs/formats/signed-approval-v1.md).
 */
export interface ApprovalEvidence {
  readonly sessionId: string;
  readonly user: string;
  readonly algorithm: string;
  readonly key: string;
  readonly signature: string;
}

/** One person said yes. Those who are needed are counted when a grant is issued. */
export interface RequestApproved {
  readonly type: "request.approved";
  readonly request: RequestId;
  readonly by: string;
  /** The groups that this person was in, of those that the request wants approvals from. */
  readonly groups: readonly string[];
  /** Of the key that they logged in with. */
  readonly fingerprint?: string;
  /** Shorter than was asked. */
  readonly durationMs?: number;
  readonly comment?: string;
  readonly evidence?: ApprovalEvidence;
  /** Whether the evidence was made by a hardware key that was touched. */
  readonly presence: boolean;
}

export interface RequestDenied {
  readonly type: "request.denied";
  readonly request: RequestId;
  readonly by: string;
  readonly reason: string;
}

/** By the requester; or by the bastion, when what was asked for can no longer be given (`reason` says why). */
export interface RequestCancelled {
  readonly type: "request.cancelled";
  readonly request: RequestId;
  readonly by: string;
  readonly reason?: string;
}

/** Nobody decided in time. */
export interface RequestLapsed {
  readonly type: "request.lapsed";
  readonly request: RequestId;
}

export type RequestEvent = RequestMade | RequestApproved | RequestDenied | RequestCancelled | RequestLapsed;

type Decoders = { readonly [T in RequestEvent["type"]]: Decode<Extract<RequestEvent, { type: T }>> };

/** 2 KiB of base64 for a key: an RSA certificate fits. */
const EVIDENCE_CHARS_MAX = 2048;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const requestId = text((value, path) => parseId("req", value, path));
const base64 = text((value, path) => {
  if (value.length > EVIDENCE_CHARS_MAX || !BASE64.test(value))
    throw new AccessError("bad-value", path, `must be base64 of at most ${EVIDENCE_CHARS_MAX} characters`);
  return value;
});

export const requestEvents: Decoders = {
  "request.made": object<RequestMade>({ type: oneOf(["request.made"]), request: decodeRequest }),
  "request.approved": object<RequestApproved>({
    type: oneOf(["request.approved"]),
    request: requestId,
    by: text(parseName),
    groups: list(text(parseName), QUORUM_COUNT_MAX),
    fingerprint: optional(text(parseFingerprint)),
    durationMs: optional(count),
    comment: optional(text(parseReason)),
    evidence: optional(
      object<ApprovalEvidence>({
        sessionId: base64,
        user: text(parseReason),
        algorithm: text(parseReason),
        key: base64,
        signature: base64,
      }),
    ),
    presence: boolean,
  }),
  "request.denied": object<RequestDenied>({
    type: oneOf(["request.denied"]),
    request: requestId,
    by: text(parseActor),
    reason: text(parseReason),
  }),
  "request.cancelled": object<RequestCancelled>({
    type: oneOf(["request.cancelled"]),
    request: requestId,
    by: text(parseActor),
    reason: optional(text(parseReason)),
  }),
  "request.lapsed": object<RequestLapsed>({ type: oneOf(["request.lapsed"]), request: requestId }),
};
