import type { GrantState, LockSubject, ReviewDenial } from "../access/index.js";
import { utcText } from "../wording/index.js";
import { CommandError } from "./command-error.js";
import { lockedRefusal } from "./locked-refusal.js";

interface Refused {
  readonly reason: ReviewDenial | "unknown-grant";
  readonly detail?: string;
  readonly lock?: LockSubject;
}

/** Why somebody cannot close a review. */
export function reviewRefusal(
  { grant, review }: GrantState,
  { reason, detail, lock }: Refused,
): CommandError {
  const denied = (message: string, hint?: string) => new CommandError("denied", message, hint);
  switch (reason) {
    case "unknown-grant":
      return new CommandError("notFound", `there is no grant ${grant.id}`);
    case "locked":
      return lockedRefusal({ ...(lock && { lock }), ...(detail !== undefined && { detail }) });
    case "no-review-needed":
      return denied(`${grant.id} was no break-glass; there is nothing to review`);
    case "own-grant":
      return denied(`${grant.id} is your own; somebody else reviews it`);
    case "reviewed-before":
      return denied(`${grant.id} was reviewed before, by ${review?.by ?? "somebody"}`);
    case "still-live":
      return denied(
        `${grant.id} is live until ${utcText(grant.untilMs)}; what is still to be done cannot have been looked at`,
        "review it then, or have it revoked",
      );
    case "not-a-reviewer":
      return denied(
        `you are not one of those who review ${grant.id}`,
        "its role's approvers, admins and auditors are",
      );
  }
}
