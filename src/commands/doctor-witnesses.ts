import { counted, spanText, utcText } from "../wording/index.js";
import type { Control, WitnessStatus } from "../control/index.js";
import type { Finding } from "./finding.js";

/** What a witness says that can only be if the ledger, or the witness, is not what it was. */
const ALARMS: readonly WitnessStatus["condition"][] = ["fork", "ahead"];

/** One line a witness: how it is, since when, and what it cosigned last. */
export function witnessFindings({ outsiders: { witnesses }, nowMs }: Control): readonly Finding[] {
  if (witnesses.length === 0)
    return [{ check: "witnesses", ok: true, detail: "none: nobody but this machine vouches for the ledger" }];
  return witnesses.map((witness) => finding(witness, nowMs));
}

function finding(witness: WitnessStatus, nowMs: number): Finding {
  const { name, host, keyName, condition, sinceMs, detail, cosigned } = witness;
  const isWell = condition === "cosigns" || condition === "not-asked";
  const since = `${ALARMS.includes(condition) ? condition.toUpperCase() : condition} since ${utcText(sinceMs)} (${spanText(nowMs - sinceMs)})`;
  const last =
    cosigned === undefined
      ? "nothing cosigned since the start"
      : `last ${counted(cosigned.size, "entry", "entries")} at ${utcText(cosigned.atMs)}`;
  const parts = [`${keyName} at ${host}: ${since}`, ...(detail === undefined ? [] : [detail]), last];
  return { check: `witness ${name}`, ok: isWell, detail: parts.join("; ") };
}
