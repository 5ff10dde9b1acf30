import { counted, formatHostPort, spanText, utcText, linesText, table } from "../wording/index.js";
import { checkHome } from "../home/index.js";
import { describeMistake, UNPUBLISHED_MS_MAX, type Control } from "../control/index.js";
import { defineCommand } from "./define.js";
import { redactionFinding } from "./doctor-redactions.js";
import { refusalFinding } from "./doctor-refusals.js";
import { stateFinding } from "./doctor-state.js";
import { upkeepFindings } from "./upkeep-findings.js";
import { witnessFindings } from "./doctor-witnesses.js";
import { EXIT } from "./exit-status.js";
import type { Finding } from "./finding.js";

export const doctor = defineCommand({
  examples: ["doctor", "doctor --json"],
  audience: "admins",
  positionals: {},
  options: {},
  run({ control }) {
    const findings = [
      home(control),
      proxies(control),
      ledger(control),
      stateFinding(control),
      clock(control),
      checkpoint(control),
      ...witnessFindings(control),
      recordings(control),
      refusalFinding(control),
      redactionFinding(control),
      ...upkeepFindings(control),
      config(control),
      http(control),
      ...webhooks(control),
    ];
    const rows = findings.map(({ check, ok, detail }) => [ok ? "ok" : "WRONG", check, detail]);
    const isWell = findings.every(({ ok }) => ok);
    return { text: linesText(table(rows)), json: findings, exit: isWell ? EXIT.done : EXIT.failed };
  },
});

function home({ paths }: Control): Finding {
  try {
    checkHome(paths.home);
    return { check: "home", ok: true, detail: `${paths.home}, for its owner only` };
  } catch (error) {
    return { check: "home", ok: false, detail: messageOf(error) };
  }
}

function proxies({ proxies: { names, strangers }, config: { listen }, state }: Control): Finding {
  const counts = `${counted(state.liveSessions.size, "live session")}, ${counted(strangers, "stranger")} turned away`;
  const detail = `${names.length} on ${formatHostPort(listen)}; ${counts}`;
  return { check: "proxies", ok: names.length > 0, detail };
}

function ledger({ ledger: { size }, nowMs, startedAtMs, version }: Control): Finding {
  const detail = `${counted(size, "entry", "entries")}; version ${version} up for ${spanText(nowMs - startedAtMs)}`;
  return { check: "ledger", ok: size > 0, detail };
}

/** Ends of grants rest on the clock. What it did before this run is told, but is nothing to be mended now. */
function clock({ clockSteps: { step, setBack } }: Control): Finding {
  const parts = [
    ...(step === undefined ? [] : [`stepped ${stepText(step.byMs)} at ${utcText(step.atMs)}`]),
    ...(setBack === undefined
      ? []
      : [`the ledger shows it set back ${spanText(setBack.byMs)} at ${utcText(setBack.atMs)}`]),
  ];
  return { check: "clock", ok: step === undefined, detail: parts.join("; ") || "no step was seen" };
}

function stepText(byMs: number): string {
  return `${spanText(Math.abs(byMs))} ${byMs > 0 ? "forward" : "back"}`;
}

/** A checkpoint that is a second behind is as it should be; one that cannot be written is worth a word at once. */
function checkpoint({ ledger, paths }: Control): Finding {
  const { size, waitedMs, failure } = ledger.proof.publishing;
  const waiting = size < ledger.size ? `, ${ledger.size - size} more for ${spanText(waitedMs)}` : "";
  const failed = failure && `; failed ${counted(failure.attempts, "time")}: ${messageOf(failure.error)}`;
  return {
    check: "checkpoint",
    ok: failure === undefined && waitedMs <= UNPUBLISHED_MS_MAX,
    detail: `${counted(size, "entry", "entries")} signed for in ${paths.ledger}${waiting}${failed ?? ""}`,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function http({ http: at, config: { http: wanted } }: Control): Finding {
  const check = "http";
  if (wanted === "off") return { check, ok: true, detail: "off" };
  if (at === undefined) {
    const detail = `not on ${formatHostPort(wanted)}: its port could not be had when control was started again`;
    return { check, ok: false, detail };
  }
  const isLoopback = /^(127\.|::1$|localhost$)/u.test(at.host);
  const warning = isLoopback ? "" : "; without TLS, so only a reverse proxy may reach it";
  return { check, ok: true, detail: `http://${formatHostPort(at)}${warning}` };
}

function recordings({ config: { recordings: folder, recording } }: Control): Finding {
  const auditors = [...recording.sealTo.keys()].join(", ");
  return { check: "recordings", ok: true, detail: `${folder}, sealed to ${auditors}` };
}

function config({ config: { path, warnings, policy } }: Control): Finding {
  const detail = warnings.map((warning) => describeMistake(path, warning)).join("; ");
  const counts = [
    counted(policy.identities.size, "identity", "identities"),
    counted(policy.targets.size, "target"),
    counted(policy.roles.size, "role"),
  ];
  return { check: "config", ok: warnings.length === 0, detail: detail || `${path}: ${counts.join(", ")}` };
}

/** One line a receiver; it is well when its last attempt was, or there was none. Of its address only the host is shown. */
function webhooks({ outsiders: { receivers } }: Control): readonly Finding[] {
  return receivers.map((receiver) => {
    const { name, format, host, delivered, lost, queued, failuresInRow, unknownEvents } = receiver;
    const last = receiver.lastSuccessAtMs === undefined ? "" : `, last ${utcText(receiver.lastSuccessAtMs)}`;
    const parts = [
      `${format} at ${host}: ${delivered} delivered${last}`,
      ...(failuresInRow > 0 ? [`failed: ${receiver.lastError ?? ""} (${failuresInRow} in a row)`] : []),
      ...(queued > 0 ? [`${queued} waiting`] : []),
      ...(lost > 0 ? [`${lost} lost`] : []),
      ...(unknownEvents.length > 0 ? [`no such events: ${unknownEvents.join(", ")}`] : []),
    ];
    return {
      check: `webhook ${name}`,
      ok: failuresInRow === 0 && unknownEvents.length === 0,
      detail: parts.join("; "),
    };
  });
}
