import { AccessError } from "./access-error.js";
import { CHANNEL_KINDS, type ChannelKind } from "./channel-kind.js";
import { count, list, object, oneOf, optional, text, type Decode } from "./decode.js";
import { parseDigest, parseFingerprint, parseSerial } from "./fingerprint.js";
import { parseId, type GrantId, type SessionId } from "./id.js";
import { parseActor, parseLogin, parseName } from "./name.js";
import { parseRecordingPath } from "./recording-path.js";
import { decodeIndexMode, decodeRetention, type IndexMode, type Retention } from "./retention.js";
import { parseReason, parseText } from "./text.js";

/** How far a recording has come: its length, its sealed blocks, and the hash of the last one's chain (hex SHA-256). */
export interface RecordingHead {
  readonly bytes: number;
  readonly blocks: number;
  readonly hash: string;
}

/** What a dead writer left behind its last whole block, and its SHA-256 (hex). */
export interface TornTail {
  readonly bytes: number;
  readonly hash: string;
}

/** The serial of a session that a registered key opened, not a certificate. */
export const NO_CERTIFICATE = "0";

/** Control let a session begin; written before the target is dialled. */
export interface SessionStarted {
  readonly type: "session.started";
  readonly session: SessionId;
  readonly identity: string;
  readonly grant: GrantId;
  readonly serial: string;
  readonly target: string;
  readonly login: string;
  readonly clientAddress: string;
  /** Path of the recording, relative to the recordings folder. */
  readonly recording: string;
  readonly channels: readonly ChannelKind[];
  readonly untilMs: number;
  readonly proxy: string;
  /** How long its recording is to be kept; for ever if absent. A later policy changes nothing about it. */
  readonly retention?: Retention;
  /** What search may keep of it; nothing if absent. */
  readonly index?: IndexMode;
}

/** Where on the way in something was refused. */
export const DENIAL_STAGES = ["connect", "authenticate", "authorise", "channel", "command"] as const;
export type DenialStage = (typeof DENIAL_STAGES)[number];

export interface SessionDenied {
  readonly type: "session.denied";
  readonly stage: DenialStage;
  /** A code: kebab-case, from the closed union of whoever refused. */
  readonly reason: string;
  /** Salted hash of what was asked for (`RefusedWords`). */
  readonly words: string;
  readonly clientAddress: string;
  readonly session?: SessionId;
  readonly identity?: string;
  readonly fingerprint?: string;
}

/** The words of a `session.denied`, the entry with that number, are no longer kept. */
export interface DenialForgotten {
  readonly type: "denial.forgotten";
  readonly entry: number;
  readonly by: string;
  readonly reason: string;
}

/** A session that was allowed, but could not come about or go on (a dead or lying target, a failed recorder). */
export interface SessionFailed {
  readonly type: "session.failed";
  readonly session: SessionId;
  readonly code: string;
  readonly detail: string;
}

/** Why a live session was ended by the bastion. */
export const CUT_REASONS = [
  "grant-ended",
  "grant-revoked",
  "certificate-revoked",
  "locked",
  "policy-changed",
  "killed",
  "recording-failed",
  "disk-full",
  "control-lost",
  "shutdown",
] as const;
export type CutReason = (typeof CUT_REASONS)[number];

export interface SessionCut {
  readonly type: "session.cut";
  readonly session: SessionId;
  readonly reason: CutReason;
  readonly by: string;
}

export const SESSION_OUTCOMES = ["closed", "cut", "failed", "interrupted"] as const;
export type SessionOutcome = (typeof SESSION_OUTCOMES)[number];

export interface SessionEnded {
  readonly type: "session.ended";
  readonly session: SessionId;
  readonly outcome: SessionOutcome;
  readonly head?: RecordingHead & { readonly torn?: TornTail };
}

/** The state of a live recording, at least every second while it grows. */
export interface RecordingHeadNoted {
  readonly type: "recording.head";
  readonly session: SessionId;
  readonly bytes: number;
  readonly blocks: number;
  readonly hash: string;
}

/** What somebody does with a recording that they read; `proof`: takes it away with what proves it; `verify`: fetches it as evidence. */
export const READING_WAYS = ["replay", "export", "watch", "proof", "verify"] as const;
export type ReadingWay = (typeof READING_WAYS)[number];

export interface RecordingRead {
  readonly type: "recording.read";
  readonly session: SessionId;
  readonly by: string;
  readonly how: ReadingWay;
}

export type SessionEvent =
  | SessionStarted
  | SessionDenied
  | DenialForgotten
  | SessionFailed
  | SessionCut
  | SessionEnded
  | RecordingHeadNoted
  | RecordingRead;

type Decoders = { readonly [T in SessionEvent["type"]]: Decode<Extract<SessionEvent, { type: T }>> };

const CODE = /^[a-z][a-z0-9-]{0,62}$/;

const code = text((value, path) => {
  if (!CODE.test(value)) throw new AccessError("bad-value", path, "must be a kebab-case code");
  return value;
});
const sessionId = text((value, path) => parseId("ses", value, path));
const cleaned = text(parseText);

export const sessionEvents: Decoders = {
  "session.started": object<SessionStarted>({
    type: oneOf(["session.started"]),
    session: sessionId,
    identity: text(parseName),
    grant: text((value, path) => parseId("grt", value, path)),
    serial: text(parseSerial),
    target: text(parseName),
    login: text(parseLogin),
    clientAddress: text(parseReason),
    recording: text(parseRecordingPath),
    channels: list(oneOf(CHANNEL_KINDS), CHANNEL_KINDS.length),
    untilMs: count,
    proxy: text(parseName),
    retention: optional(decodeRetention),
    index: optional(decodeIndexMode),
  }),
  "session.denied": object<SessionDenied>({
    type: oneOf(["session.denied"]),
    stage: oneOf(DENIAL_STAGES),
    reason: code,
    words: text(parseDigest),
    clientAddress: text(parseReason),
    session: optional(sessionId),
    identity: optional(text(parseName)),
    fingerprint: optional(text(parseFingerprint)),
  }),
  "denial.forgotten": object<DenialForgotten>({
    type: oneOf(["denial.forgotten"]),
    entry: count,
    by: text(parseActor),
    reason: text(parseReason),
  }),
  "session.failed": object<SessionFailed>({
    type: oneOf(["session.failed"]),
    session: sessionId,
    code,
    detail: cleaned,
  }),
  "session.cut": object<SessionCut>({
    type: oneOf(["session.cut"]),
    session: sessionId,
    reason: oneOf(CUT_REASONS),
    by: text(parseActor),
  }),
  "session.ended": object<SessionEnded>({
    type: oneOf(["session.ended"]),
    session: sessionId,
    outcome: oneOf(SESSION_OUTCOMES),
    head: optional(
      object<NonNullable<SessionEnded["head"]>>({
        bytes: count,
        blocks: count,
        hash: text(parseDigest),
        torn: optional(object<TornTail>({ bytes: count, hash: text(parseDigest) })),
      }),
    ),
  }),
  "recording.head": object<RecordingHeadNoted>({
    type: oneOf(["recording.head"]),
    session: sessionId,
    bytes: count,
    blocks: count,
    hash: text(parseDigest),
  }),
  "recording.read": object<RecordingRead>({
    type: oneOf(["recording.read"]),
    session: sessionId,
    by: text(parseActor),
    how: oneOf(READING_WAYS),
  }),
};
