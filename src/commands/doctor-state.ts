import type { Control, Derivation } from "../control/index.js";
import type { Finding } from "./finding.js";

/** Why a start read every entry. All of them are sound; those that are not usual are worth a look. */
const REFUSED: Readonly<Record<NonNullable<Derivation["refused"]>, string>> = {
  absent: "there was no snapshot yet",
  unreadable: "its snapshot could not be read",
  unsigned: "its snapshot was not signed by the ledger's key",
  "other-code": "its snapshot was another version's",
  ahead: "its snapshot was of entries that nothing signs for",
  "other-tree": "its snapshot was of another ledger's entries",
  damaged: "its snapshot was damaged",
};

/** How control knew at its start what is true, and how long that took. */
export function stateFinding({ ledger }: Control): Finding {
  const { snapshot, refused, folded, tookMs } = ledger.derivation;
  const took = `in ${(tookMs / 1000).toFixed(1)} s`;
  const how =
    refused === undefined
      ? `a snapshot of ${snapshot} entries and ${folded} more, ${took}`
      : `all ${folded} entries, ${took}: ${REFUSED[refused]}`;
  return { check: "state", ok: true, detail: `taken at the start from ${how}` };
}
