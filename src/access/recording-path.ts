import { AccessError } from "./access-error.js";

/** Parts that begin with no dot: none is `..`, and no two paths name the same file. */
const RECORDING_PATH =
  /^(?=.{1,255}$)(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** A recording's path under its folder, `2026-11-21/ses-….bsr`. Throws AccessError `bad-value`. */
export function parseRecordingPath(value: string, path = "path"): string {
  if (!RECORDING_PATH.test(value)) throw new AccessError("bad-value", path, "must be a plain relative path");
  return value;
}
