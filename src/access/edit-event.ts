import { AccessError } from "./access-error.js";
import { count, list, object, oneOf, optional, text, type Decode } from "./decode.js";
import { parseDigest } from "./fingerprint.js";
import { parseId, type RedactionId, type SessionId } from "./id.js";
import { parseActor, parseName } from "./name.js";
import { parseReason } from "./text.js";

/** Auditors of one recording, of one kind of key: two lists of them still fit into one entry. */
export const RECIPIENTS_MAX = 24;

/**
 * Another set of auditors can open a recording from here on. Written before the file is changed. `recipients` are all who
 * hold the data key now, `apartRecipients` those who hold the key of what was typed unseen, where there is one.
 */
export interface RecordingRewrapped {
  readonly type: "recording.rewrapped";
  readonly session: SessionId;
  readonly by: string;
  readonly recipients: readonly string[];
  readonly apartRecipients?: readonly string[];
  /** Hex SHA-256 of the block that stands for the keys block now, as it is in the file. */
  readonly substitute: string;
}

/** Somebody wants blocks of a recording destroyed; another one has to say yes. */
export interface RedactionAsked {
  readonly type: "redaction.asked";
  readonly redaction: RedactionId;
  readonly session: SessionId;
  /** First and last, both gone. */
  readonly blocks: readonly [from: number, to: number];
  readonly reason: string;
  readonly by: string;
  readonly lapsesAtMs: number;
}

export interface RedactionApproved {
  readonly type: "redaction.approved";
  readonly redaction: RedactionId;
  readonly by: string;
}

export interface RedactionDenied {
  readonly type: "redaction.denied";
  readonly redaction: RedactionId;
  readonly by: string;
  readonly reason: string;
}

/** Nobody decided in time. */
export interface RedactionLapsed {
  readonly type: "redaction.lapsed";
  readonly redaction: RedactionId;
}

/** What stands in the file in place of the blocks, from here on. Written before the file is changed. */
export interface RecordingRedacted {
  readonly type: "recording.redacted";
  readonly redaction: RedactionId;
  readonly session: SessionId;
  readonly from: number;
  readonly to: number;
  /** Number of the entry `redaction.approved`, which the blocks name. */
  readonly approval: number;
  /** Hex SHA-256 over the SHA-256 of each new block, in order. */
  readonly substitutes: string;
}

export type EditEvent =
  | RecordingRewrapped
  | RedactionAsked
  | RedactionApproved
  | RedactionDenied
  | RedactionLapsed
  | RecordingRedacted;

type Decoders = { readonly [T in EditEvent["type"]]: Decode<Extract<EditEvent, { type: T }>> };

/** Of an X25519 key, as recording-v1 writes it; this room does not open anything with it. */
const RECIPIENT = /^bascule-auditor:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

const sessionId = text((value, path) => parseId("ses", value, path));
const redactionId = text((value, path) => parseId("red", value, path));
export const recipient = text((value, path) => {
  if (!RECIPIENT.test(value)) throw new AccessError("bad-value", path, "must be an auditor's public key");
  return value;
});

const stretch: Decode<readonly [number, number]> = (value, path) => {
  const [from, to, ...more] = list(count, 2)(value, path);
  if (from === undefined || to === undefined || more.length > 0 || from > to)
    throw new AccessError("bad-value", path, "must be the first and the last block");
  return [from, to];
};

export const editEvents: Decoders = {
  "recording.rewrapped": object<RecordingRewrapped>({
    type: oneOf(["recording.rewrapped"]),
    session: sessionId,
    by: text(parseActor),
    recipients: list(recipient, RECIPIENTS_MAX),
    apartRecipients: optional(list(recipient, RECIPIENTS_MAX)),
    substitute: text(parseDigest),
  }),
  "redaction.asked": object<RedactionAsked>({
    type: oneOf(["redaction.asked"]),
    redaction: redactionId,
    session: sessionId,
    blocks: stretch,
    reason: text(parseReason),
    by: text(parseName),
    lapsesAtMs: count,
  }),
  "redaction.approved": object<RedactionApproved>({
    type: oneOf(["redaction.approved"]),
    redaction: redactionId,
    by: text(parseName),
  }),
  "redaction.denied": object<RedactionDenied>({
    type: oneOf(["redaction.denied"]),
    redaction: redactionId,
    by: text(parseActor),
    reason: text(parseReason),
  }),
  "redaction.lapsed": object<RedactionLapsed>({ type: oneOf(["redaction.lapsed"]), redaction: redactionId }),
  "recording.redacted": object<RecordingRedacted>({
    type: oneOf(["recording.redacted"]),
    redaction: redactionId,
    session: sessionId,
    from: count,
    to: count,
    approval: count,
    substitutes: text(parseDigest),
  }),
};
