import { AccessError } from "./access-error.js";

const RECORDING_PATH = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/;

/** A recording's path under its folder, `2026-11-21/ses-….bsr`. Throws AccessError `bad-value`. */
export function parseRecordingPath(value: string, path = "path"): string {
  if (!RECORDING_PATH.test(value)) throw new AccessError("bad-value", path, "must be a plain relative path");
  return value;
}
