import { bytesText, counted, spanText } from "../wording/index.js";
import type { Control, PlaceReport } from "../control/index.js";
import type { Finding } from "./finding.js";
import { overrideLine } from "./disk-text.js";

/** Faults that one line names; `doctor --json` has them all. */
const FAULTS_MAX = 3;

/** What `doctor` says about disks and retention. */
export function upkeepFindings(control: Control): readonly Finding[] {
  const { disk, override } = control.upkeep;
  const given = override && { check: "disk override", ok: false, detail: overrideLine(override) };
  return [...disk.places.map(placeFinding), ...(given ? [given] : []), retentionFinding(control)];
}

function placeFinding({
  where,
  path,
  level,
  freeBytes,
  totalBytes,
  ballastBytes,
  fault,
}: PlaceReport): Finding {
  const check = `disk of ${where}`;
  if (fault !== undefined) return { check, ok: false, detail: `${path} cannot be measured: ${fault}` };
  const ballast = ballastBytes === 0 ? "no ballast (yet)" : `ballast of ${bytesText(ballastBytes)}`;
  const detail = `${level}: ${bytesText(freeBytes)} of ${bytesText(totalBytes)} free at ${path}; ${ballast}`;
  return { check, ok: level === "ok" && totalBytes > 0, detail };
}

function retentionFinding({ upkeep: { retention }, config, state }: Control): Finding {
  const { due, held, waitMs, faults } = retention;
  const lost = config.archive === undefined && [...state.sessions.values()].some(isInArchive);
  const parts = [
    ...(due === 0
      ? []
      : [`${counted(due, "recording")} to be deleted${waitMs > 0 ? ` in ${spanText(waitMs)}` : ""}`]),
    ...(held === 0 ? [] : [`${held} kept by a hold`]),
    ...faults.slice(0, FAULTS_MAX).map(({ session, fault }) => `${session}: ${fault}`),
    ...(faults.length > FAULTS_MAX ? [counted(faults.length - FAULTS_MAX, "more fault")] : []),
    ...(lost ? ["recordings lie in an archive, but the configuration names none"] : []),
  ];
  return {
    check: "retention",
    ok: faults.length === 0 && !lost,
    detail: parts.join("; ") || "nothing is due",
  };
}

function isInArchive({
  archived,
  deleted,
}: {
  readonly archived?: object;
  readonly deleted?: object;
}): boolean {
  return archived !== undefined && deleted === undefined;
}
