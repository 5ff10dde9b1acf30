import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.js";
import { AccessError } from "./access-error.js";
import { decodeApprovals, type Approvals } from "./approvals.js";
import { boolean, count, list, object, optional, text, type Decode } from "./decode.js";
import { GRANT_NAMES_MAX } from "./grant.js";
import { parseId, type GrantId, type RequestId } from "./id.js";
import { parseLogin, parseName } from "./name.js";
import { parseReason, parseText } from "./text.js";

/** What somebody asks for, with the terms under which policy would give it. It never changes once it is made. */
export interface AccessRequest {
  readonly id: RequestId;
  readonly identity: string;
  readonly targets: readonly string[];
  readonly logins: readonly string[];
  readonly durationMs: number;
  /** Not to begin before then; else it begins when it is approved. */
  readonly fromMs?: number;
  readonly reason: string;
  readonly ticket?: string;
  /** The role that would give it. */
  readonly role: string;
  /** What that role wanted when it was asked. */
  readonly needs: Approvals;
  /** In an emergency: let in at once, looked at afterwards. */
  readonly breakGlass: boolean;
  /** More time for this grant, rather than a new one. */
  readonly extends?: GrantId;
  /** Nobody can approve it from then on. */
  readonly lapsesAtMs: number;
}

/** Longest reason, comment or ticket of a request: all of it must fit into one ledger entry. */
export const REQUEST_TEXT_CHARS_MAX = 500;

const fields = object<AccessRequest>({
  id: text((value, path) => parseId("req", value, path)),
  identity: text(parseName),
  targets: list(text(parseName), GRANT_NAMES_MAX),
  logins: list(text(parseLogin), GRANT_NAMES_MAX),
  durationMs: count,
  fromMs: optional(count),
  reason: text(parseText),
  ticket: optional(text(parseReason)),
  role: text(parseName),
  needs: decodeApprovals,
  breakGlass: boolean,
  extends: optional(text((value, path) => parseId("grt", value, path))),
  lapsesAtMs: count,
});

/** Strict: throws AccessError, also for a request for nothing. */
export const decodeRequest: Decode<AccessRequest> = (value, path) => {
  const request = fields(value, path);
  const { targets, logins, durationMs } = request;
  if (targets.length === 0) throw new AccessError("bad-value", `${path}.targets`, "must not be empty");
  if (logins.length === 0) throw new AccessError("bad-value", `${path}.logins`, "must not be empty");
  if (durationMs === 0) throw new AccessError("bad-value", `${path}.durationMs`, "must not be 0");
  return request;
};

/**
 * What a signed approval is an approval of: lower-case hex SHA-256 over the request as canonical JSON (UTF-8, members in
 * order of their names, no white space; docs/formats/signed-approval-v1.md).
 */
export function requestDigest(request: AccessRequest): string {
  return createHash("sha256").update(canonicalJson(request)).digest("hex");
}

/** The user name that an approver's ssh client signs: `approve.<req>.<digest>`. */
export function approvalUser(request: AccessRequest): string {
  return `approve.${request.id}.${requestDigest(request)}`;
}

/** The parts of such a user name; undefined for any other. */
export function parseApprovalUser(user: string): { request: RequestId; digest: string } | undefined {
  const [, id = "", digest = ""] =
    /^approve\.(req-[0-9a-hjkmnp-tv-z]{12})\.([0-9a-f]{64})$/u.exec(user) ?? [];
  return id === "" ? undefined : { request: parseId("req", id), digest };
}
