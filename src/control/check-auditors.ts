import type { Config } from "../config/index.js";
import { ControlError } from "./control-error.js";

/** No session without a recording that somebody can read. Throws ControlError `no-auditor`. */
export function checkAuditors({ recording, path }: Config): void {
  if (recording.sealTo.size > 0) return;
  const message = `${path}: recording.sealTo names no auditor, so nobody could read a recording`;
  throw new ControlError("no-auditor", message);
}
