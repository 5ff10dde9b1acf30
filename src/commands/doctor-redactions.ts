import type { Control } from "../control/index.js";
import type { Finding } from "./finding.js";

/** What one line names; `redactions` has them all. */
const NAMED_MAX = 3;

/** What `doctor` says of changes of recordings: who is waited for, and what could not be carried out. */
export function redactionFinding({ state, recordings: { unfinished }, nowMs }: Control): Finding {
  const waiting = [...state.openRedactions].filter((id) => {
    const held = state.redactions.get(id);
    return held?.outcome === undefined && held !== undefined && nowMs < held.lapsesAtMs;
  });
  const parts = [
    ...(waiting.length === 0 ? [] : [`${namesText(waiting)} ${waiting.length === 1 ? "waits" : "wait"}`]),
    ...unfinished
      .slice(0, NAMED_MAX)
      .map(
        ({ session, redaction, detail }) => `${redaction ?? "a re-wrap"} of ${session}: NOT done: ${detail}`,
      ),
    ...(unfinished.length > NAMED_MAX ? [`${unfinished.length - NAMED_MAX} more are not done`] : []),
  ];
  return { check: "redactions", ok: unfinished.length === 0, detail: parts.join("; ") || "none waits" };
}

function namesText(ids: readonly string[]): string {
  const more = ids.length - NAMED_MAX;
  return ids.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
