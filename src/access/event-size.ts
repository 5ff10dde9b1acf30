import type { AccessRequest } from "./access-request.js";
import type { AccessEvent } from "./event.js";
import { GRANT_NAMES_MAX, type Grant } from "./grant.js";
import { newId, ID_RANDOM_BYTES } from "./id.js";
import { peopleNeeded } from "./approvals.js";
import type { Role } from "./policy.js";

/** Most UTF-8 bytes of an event as JSON: with its number and its time it makes an entry of the ledger, 4,096 at most. */
export const EVENT_BYTES_MAX = 4000;

/** Whether an event fits into one entry of the ledger. */
export function fitsLedger(event: AccessEvent): boolean {
  return Buffer.byteLength(JSON.stringify(event)) <= EVENT_BYTES_MAX;
}

/**
 * Whether a request, and the longest grant that could answer it, each fit into one entry. `request` needs no id, and no
 * time when it lapses.
 */
export function fitsWithGrant(request: Omit<AccessRequest, "id" | "lapsesAtMs">, role: Role): boolean {
  const zeroes = Buffer.alloc(ID_RANDOM_BYTES);
  const id = newId("req", zeroes);
  const made: AccessRequest = { ...request, id, lapsesAtMs: Number.MAX_SAFE_INTEGER };
  const { identity, targets, logins, reason, ticket } = request;
  const grant: Grant = {
    ...{ id: newId("grt", zeroes), identity, targets, logins, reason, role: role.name, how: "break-glass" },
    ...{ fromMs: Number.MAX_SAFE_INTEGER, untilMs: Number.MAX_SAFE_INTEGER, channels: role.channels },
    approvers: Array.from(
      { length: Math.min(peopleNeeded(request.needs), GRANT_NAMES_MAX) },
      () => LONGEST_NAME,
    ),
    ...(ticket !== undefined && { ticket }),
    ...(role.sourceAddresses && { sourceAddresses: role.sourceAddresses }),
  };
  return (
    fitsLedger({ type: "request.made", request: made }) &&
    fitsLedger({ type: "grant.issued", grant, by: LONGEST_NAME, request: id })
  );
}

const LONGEST_NAME = "x".repeat(63);
