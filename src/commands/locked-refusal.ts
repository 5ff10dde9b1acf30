import { type LockSubject, lockedText } from "../access/index.js";
import { CommandError } from "./command-error.js";

/** What is locked, why, and who could change that. */
export function lockedRefusal({
  lock,
  detail,
}: {
  readonly lock?: LockSubject;
  readonly detail?: string;
}): CommandError {
  const what = lock === undefined ? "it" : lockedText(lock);
  const why = detail === undefined ? "" : `: ${detail}`;
  return new CommandError("denied", `${what} is locked${why}`, "an admin can unlock it");
}
