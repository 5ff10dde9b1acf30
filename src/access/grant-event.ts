import { AccessError } from "./access-error.js";
import { count, list, object, oneOf, optional, text, type Decode } from "./decode.js";
import { parseFingerprint, parseSerial } from "./fingerprint.js";
import { decodeGrant, GRANT_NAMES_MAX, type Grant } from "./grant.js";
import { parseId, type GrantId, type RequestId } from "./id.js";
import { parseActor, parseName } from "./name.js";
import { parseReason } from "./text.js";

export interface GrantIssued {
  readonly type: "grant.issued";
  readonly grant: Grant;
  readonly by: string;
  /** What it answers; there is one unless an admin gave it of their own accord. */
  readonly request?: RequestId;
}

/** A grant lasts longer than was said; its live sessions too. */
export interface GrantExtended {
  readonly type: "grant.extended";
  readonly grant: GrantId;
  readonly untilMs: number;
  readonly by: string;
  readonly reason: string;
  /** The request that was approved for it; without one the holder did it themselves, as their role allows once. */
  readonly request?: RequestId;
}

/** Its time was over by the bastion's clocks. From here on it is, whatever a clock says later. */
export interface GrantEnded {
  readonly type: "grant.ended";
  readonly grant: GrantId;
}

/** Somebody else has looked at what was done under a break-glass grant. */
export interface GrantReviewed {
  readonly type: "grant.reviewed";
  readonly grant: GrantId;
  readonly by: string;
  readonly comment: string;
}

/** A user certificate was signed; it opens only the grants named here, and only while state says they are live. */
export interface CertificateIssued {
  readonly type: "certificate.issued";
  readonly serial: string;
  readonly identity: string;
  readonly grants: readonly GrantId[];
  /** Of the certified key, `SHA256:…`. */
  readonly fingerprint: string;
  readonly validAfterMs: number;
  readonly validBeforeMs: number;
  readonly by: string;
}

export interface GrantRevoked {
  readonly type: "grant.revoked";
  readonly grant: GrantId;
  readonly by: string;
  readonly reason: string;
}

/** Revokes one certificate by its serial, or every use of a key by its fingerprint: exactly one of the two. */
export interface CertificateRevoked {
  readonly type: "certificate.revoked";
  readonly serial?: string;
  readonly fingerprint?: string;
  readonly by: string;
  readonly reason: string;
}

export type GrantEvent =
  | GrantIssued
  | GrantExtended
  | GrantEnded
  | GrantReviewed
  | CertificateIssued
  | GrantRevoked
  | CertificateRevoked;

type Decoders = { readonly [T in GrantEvent["type"]]: Decode<Extract<GrantEvent, { type: T }>> };

const grantId = text((value, path) => parseId("grt", value, path));

const requestId = text((value, path) => parseId("req", value, path));

const revocation = object<CertificateRevoked>({
  type: oneOf(["certificate.revoked"]),
  serial: optional(text(parseSerial)),
  fingerprint: optional(text(parseFingerprint)),
  by: text(parseActor),
  reason: text(parseReason),
});

export const grantEvents: Decoders = {
  "grant.issued": object<GrantIssued>({
    type: oneOf(["grant.issued"]),
    grant: decodeGrant,
    by: text(parseActor),
    request: optional(requestId),
  }),
  "grant.extended": object<GrantExtended>({
    type: oneOf(["grant.extended"]),
    grant: grantId,
    untilMs: count,
    by: text(parseActor),
    reason: text(parseReason),
    request: optional(requestId),
  }),
  "grant.ended": object<GrantEnded>({ type: oneOf(["grant.ended"]), grant: grantId }),
  "grant.reviewed": object<GrantReviewed>({
    type: oneOf(["grant.reviewed"]),
    grant: grantId,
    by: text(parseActor),
    comment: text(parseReason),
  }),
  "certificate.issued": object<CertificateIssued>({
    type: oneOf(["certificate.issued"]),
    serial: text(parseSerial),
    identity: text(parseName),
    grants: list(grantId, GRANT_NAMES_MAX),
    fingerprint: text(parseFingerprint),
    validAfterMs: count,
    validBeforeMs: count,
    by: text(parseActor),
  }),
  "grant.revoked": object<GrantRevoked>({
    type: oneOf(["grant.revoked"]),
    grant: grantId,
    by: text(parseActor),
    reason: text(parseReason),
  }),
  "certificate.revoked": (value, path) => {
    const event = revocation(value, path);
    if ((event.serial === undefined) === (event.fingerprint === undefined)) {
      throw new AccessError("bad-value", path, "must name a serial or a fingerprint, one of the two");
    }
    return event;
  },
};
