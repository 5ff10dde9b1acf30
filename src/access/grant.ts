import { list, object, oneOf, optional, count, text, type Decode } from "./decode.js";
import { AccessError } from "./access-error.js";
import { CHANNEL_KINDS, type ChannelKind } from "./channel-kind.js";
import { parseId, type GrantId } from "./id.js";
import { parseLogin, parseName } from "./name.js";
import { parseNetwork } from "./network.js";
import { parseReason, parseText } from "./text.js";

/**
 * `approved`: people said yes. `automatic`: the role lets its members in without. `break-glass`: let in at once, in an
 * emergency, to be looked at afterwards.
 */
export const GRANT_ORIGINS = ["approved", "automatic", "break-glass"] as const;
export type GrantOrigin = (typeof GRANT_ORIGINS)[number];

/** Leave to be one of `logins` on one of `targets`, from `fromMs` up to but not at `untilMs` (wall clock). */
export interface Grant {
  readonly id: GrantId;
  readonly identity: string;
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reason: string;
  readonly ticket?: string;
  /** The role in the policy that it was given under; a session needs it to be still there. */
  readonly role: string;
  /** How it came about; absent: an admin gave it of their own accord. */
  readonly how?: GrantOrigin;
  readonly approvers: readonly string[];
  readonly channels: readonly ChannelKind[];
  /** Networks (`10.0.0.0/8`) or addresses that the client may come from; anywhere if absent. */
  readonly sourceAddresses?: readonly string[];
}

/** How many targets, logins, approvers or networks one grant may name, so that it fits into one ledger entry. */
export const GRANT_NAMES_MAX = 16;

const fields = object<Grant>({
  id: text((value, path) => parseId("grt", value, path)),
  identity: text(parseName),
  targets: list(text(parseName), GRANT_NAMES_MAX),
  logins: list(text(parseLogin), GRANT_NAMES_MAX),
  fromMs: count,
  untilMs: count,
  reason: text(parseText),
  ticket: optional(text(parseReason)),
  role: text(parseName),
  how: optional(oneOf(GRANT_ORIGINS)),
  approvers: list(text(parseName), GRANT_NAMES_MAX),
  channels: list(oneOf(CHANNEL_KINDS), CHANNEL_KINDS.length),
  sourceAddresses: optional(list(text(parseNetwork), GRANT_NAMES_MAX)),
});

/** Strict: throws AccessError, also for a grant that never lives or opens nothing. */
export const decodeGrant: Decode<Grant> = (value, path) => {
  const grant = fields(value, path);
  if (grant.fromMs >= grant.untilMs)
    throw new AccessError("bad-value", `${path}.untilMs`, "must be after fromMs");
  if (grant.targets.length === 0) throw new AccessError("bad-value", `${path}.targets`, "must not be empty");
  if (grant.logins.length === 0) throw new AccessError("bad-value", `${path}.logins`, "must not be empty");
  return grant;
};
