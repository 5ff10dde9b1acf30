import type { Control } from "../control/index.js";
import type { Finding } from "./finding.js";
import { bytesText } from "../wording/index.js";

/** From here on it is time to make room. */
const FULL_SHARE = 0.9;

/** What `doctor` says of the file with what refused people had asked for. */
export function refusalFinding({ denials: { keeping } }: Control): Finding {
  const { path, bytes, bytesMax, lost, failure } = keeping;
  const room = `${bytesText(bytes)} of at most ${bytesText(bytesMax)} in ${path}`;
  const since = lost === 0 ? "" : `; of ${lost} since the start it was not kept`;
  const isFull = failure === "full" || bytes >= FULL_SHARE * bytesMax;
  const detail =
    failure !== undefined && !isFull
      ? `what was asked for is not kept: ${failure}${since}`
      : `what was asked for: ${room}${since}${isFull ? "; move or remove that file" : ""}`;
  return { check: "refusals", ok: failure === undefined && !isFull, detail };
}
