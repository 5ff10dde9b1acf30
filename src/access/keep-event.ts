import { AccessError } from "./access-error.js";
import { count, object, oneOf, optional, text, type Decode } from "./decode.js";
import { DISK_PLACES, DISK_STATES, type DiskLevel, type DiskPlace } from "./disk.js";
import { OVERRIDE_MS_MAX } from "./disk-override.js";
import { parseDigest } from "./fingerprint.js";
import type { HoldSubject } from "./hold.js";
import { parseId, type HoldId, type OverrideId, type SessionId } from "./id.js";
import { parseActor, parseName } from "./name.js";
import { parseRecordingPath } from "./recording-path.js";
import { parseReason } from "./text.js";

/** What it covers is neither deleted nor redacted until the hold is lifted. */
export interface HoldSet extends HoldSubject {
  readonly type: "hold.set";
  readonly hold: HoldId;
  readonly reason: string;
  readonly by: string;
}

export interface HoldLifted {
  readonly type: "hold.lifted";
  readonly hold: HoldId;
  readonly by: string;
  readonly reason: string;
}

/** A recording has its verified copy in the archive; what was at hand is removed after this. */
export interface RecordingArchived {
  readonly type: "recording.archived";
  readonly session: SessionId;
  /** Relative to the archive folder. */
  readonly path: string;
}

/** A recording's time is over; written before it is removed. The hash stays. */
export interface RecordingDeleted {
  readonly type: "recording.deleted";
  readonly session: SessionId;
  /** Of the chain's head, as the session's end has it (hex SHA-256). */
  readonly hash: string;
}

/** A file system became fuller or emptier, across a mark; `state` is that of the fuller of both places, `where`. */
export interface DiskStateNoted {
  readonly type: "disk.state";
  readonly state: DiskLevel;
  readonly where: DiskPlace;
  readonly freeBytes: number;
}

/** An admin wants sessions to go on although the disk is full. */
export interface DiskOverrideAsked {
  readonly type: "disk.override.asked";
  readonly override: OverrideId;
  readonly by: string;
  readonly reason: string;
  readonly forMs: number;
}

/** Another admin agreed. */
export interface DiskOverrideGiven {
  readonly type: "disk.override.given";
  readonly override: OverrideId;
  readonly by: string;
  readonly untilMs: number;
}

/** Its time is over, or an admin ended it; whatever the clock says later. */
export interface DiskOverrideEnded {
  readonly type: "disk.override.ended";
  readonly override: OverrideId;
  readonly by: string;
}

export type KeepEvent =
  | HoldSet
  | HoldLifted
  | RecordingArchived
  | RecordingDeleted
  | DiskStateNoted
  | DiskOverrideAsked
  | DiskOverrideGiven
  | DiskOverrideEnded;

type Decoders = { readonly [T in KeepEvent["type"]]: Decode<Extract<KeepEvent, { type: T }>> };

const sessionId = text((value, path) => parseId("ses", value, path));
const holdId = text((value, path) => parseId("hld", value, path));
const overrideId = text((value, path) => parseId("ovr", value, path));

const holdSet = object<HoldSet>({
  type: oneOf(["hold.set"]),
  hold: holdId,
  session: optional(sessionId),
  identity: optional(text(parseName)),
  target: optional(text(parseName)),
  reason: text(parseReason),
  by: text(parseActor),
});

export const keepEvents: Decoders = {
  "hold.set": (value, path) => {
    const event = holdSet(value, path);
    const subjects = [event.session, event.identity, event.target].filter((one) => one !== undefined);
    if (subjects.length === 1) return event;
    throw new AccessError("bad-value", path, "must name a session, an identity or a target, one of them");
  },
  "hold.lifted": object<HoldLifted>({
    type: oneOf(["hold.lifted"]),
    hold: holdId,
    by: text(parseActor),
    reason: text(parseReason),
  }),
  "recording.archived": object<RecordingArchived>({
    type: oneOf(["recording.archived"]),
    session: sessionId,
    path: text(parseRecordingPath),
  }),
  "recording.deleted": object<RecordingDeleted>({
    type: oneOf(["recording.deleted"]),
    session: sessionId,
    hash: text(parseDigest),
  }),
  "disk.state": object<DiskStateNoted>({
    type: oneOf(["disk.state"]),
    state: oneOf(DISK_STATES),
    where: oneOf(DISK_PLACES),
    freeBytes: count,
  }),
  "disk.override.asked": object<DiskOverrideAsked>({
    type: oneOf(["disk.override.asked"]),
    override: overrideId,
    by: text(parseName),
    reason: text(parseReason),
    forMs: (value, path) => {
      const forMs = count(value, path);
      if (forMs > 0 && forMs <= OVERRIDE_MS_MAX) return forMs;
      throw new AccessError("bad-value", path, "must be more than nothing, and a day at most");
    },
  }),
  "disk.override.given": object<DiskOverrideGiven>({
    type: oneOf(["disk.override.given"]),
    override: overrideId,
    by: text(parseName),
    untilMs: count,
  }),
  "disk.override.ended": object<DiskOverrideEnded>({
    type: oneOf(["disk.override.ended"]),
    override: overrideId,
    by: text(parseActor),
  }),
};
