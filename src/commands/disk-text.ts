import type { DiskOverrideState } from "../access/index.js";
import { utcText } from "../wording/index.js";

/** What two admins gave, as a person reads it. */
export function overrideLine({ by, reason, given }: DiskOverrideState): string {
  const until = given === undefined ? "" : `, given by ${given.by} until ${utcText(given.untilMs)}`;
  return `sessions may begin on a full disk: asked by ${by}${until}: ${reason}`;
}
