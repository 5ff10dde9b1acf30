import { AccessError } from "./access-error.js";
import { count, object, oneOf, optional, type Decode } from "./decode.js";

/** How long a recording is kept, from the end of its session on. What is absent has no end. */
export interface Retention {
  /** Then it moves to the archive. */
  readonly atHandMs?: number;
  /** Then it is deleted; its hash stays in the ledger. */
  readonly keepMs?: number;
}

/** What search may keep of a recording: as it is, sealed to the auditors, or nothing. */
export const INDEX_MODES = ["clear", "sealed", "off"] as const;
export type IndexMode = (typeof INDEX_MODES)[number];

export const decodeIndexMode = oneOf(INDEX_MODES);

const fields = object<Retention>({ atHandMs: optional(count), keepMs: optional(count) });

/** Strict: throws AccessError, also for one that says nothing. */
export const decodeRetention: Decode<Retention> = (value, path) => {
  const retention = fields(value, path);
  if (retention.atHandMs === undefined && retention.keepMs === undefined)
    throw new AccessError("bad-value", path, "must say atHandMs or keepMs");
  return retention;
};
