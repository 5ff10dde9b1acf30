/**
 * What the ledger costs: entries a second with a synced batch each, how long who appends waits, memory and the time to
 * open, at a small size and at `entries`; what a starting control adds to that, with and without a snapshot of its state; and what
 * that state weighs. Each step is a process of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Derivation } from "../src/control/derive-state.js";

export interface FillFigures {
  readonly journalMs: number;
  readonly publishMs: number;
}

export interface AppendFigures {
  readonly openMs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** After the paced part. */
  readonly rssBytes: number;
  readonly fastestPerSecond: number;
  readonly size: number;
}

/** What a starting control does: it derives its state from every entry, or goes on from a snapshot. */
export interface StartFigures {
  readonly startMs: number;
  readonly derivation: Derivation;
  /** To write the snapshot, at a stop; only of the start that had none. */
  readonly keepMs?: number;
  readonly rssBytes: number;
  readonly size: number;
}

/** What the state weighs when so many sessions were. */
export interface SessionsFigures {
  readonly sessions: number;
  readonly heapBytes: number;
  /** For which nothing else runs. */
  readonly copyMs: number;
  readonly pieceMsMax: number;
  readonly jsonBytes: number;
}

const worker = fileURLToPath(new URL("ledger-worker.js", import.meta.url));
/** How long entries come at 5,000 a second. */
const pacedSeconds = 20;
/** Entries that came after the snapshot. */
const later = 10_000;

/** Says its figures; the ledger goes into a folder of its own below `folder`, which is gone afterwards. */
export async function measureLedger(
  folder: string | undefined,
  entries: number,
  say: (line: string) => void,
): Promise<void> {
  const dir = await mkdtemp(join(folder ?? tmpdir(), "bascule-bench-"));
  try {
    for (const size of [Math.ceil(entries / 10), entries]) {
      const { journalMs, publishMs } = await run<FillFigures>("fill", dir, size);
      say(
        `filled to ${size} entries: journal ${seconds(journalMs)}, tiles and bundles ${seconds(publishMs)}`,
      );
      say(appendText(await run<AppendFigures>("append", dir, pacedSeconds)));
      say(startText(await run<StartFigures>("replay", dir, 0)));
      say(startText(await run<StartFigures>("start", dir, later)));
    }
    say(sessionsText(await run<SessionsFigures>("sessions", dir, entries)));
  } finally {
    await rm(dir, { recursive: true });
  }
}

function appendText(figures: AppendFigures): string {
  const { openMs, perSecond, p50Ms, p99Ms, rssBytes, fastestPerSecond } = figures;
  return [
    `  opened in ${openMs.toFixed(0)} ms`,
    `  ${perSecond.toFixed(0)} entries/s for ${pacedSeconds} s, of 5,000 wanted: waited p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    `  ${fastestPerSecond.toFixed(0)} entries/s with 256 appenders that do nothing else`,
    `  memory ${mebibytes(rssBytes)} resident`,
  ].join("\n");
}

function startText({ startMs, derivation, keepMs, rssBytes, size }: StartFigures): string {
  const { snapshot, folded, tookMs } = derivation;
  const perSecond = `${(folded / (tookMs / 1000)).toFixed(0)} entries/s into state`;
  const how =
    snapshot === 0 ? `without a snapshot: ${perSecond}` : `from a snapshot of ${snapshot} and ${folded} more`;
  const kept = keepMs === undefined ? "" : `; a snapshot written in ${seconds(keepMs)}`;
  return `  control starts in ${seconds(startMs)} ${how}, ${mebibytes(rssBytes)} resident, ${size} entries${kept}`;
}

function sessionsText({ sessions, heapBytes, copyMs, jsonBytes, pieceMsMax }: SessionsFigures): string {
  return [
    `state of ${sessions} sessions, each with its certificate: ${(heapBytes / sessions).toFixed(0)} bytes of heap a session`,
    `  for a snapshot: copied in ${copyMs.toFixed(0)} ms, at most ${pieceMsMax.toFixed(1)} ms a piece, ${mebibytes(jsonBytes)}`,
  ].join("\n");
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function run<T>(
  step: "fill" | "append" | "replay" | "start" | "sessions",
  dir: string,
  amount: number,
): Promise<T> {
  const flags = step === "sessions" ? ["--expose-gc", "--max-old-space-size=8192"] : [];
  const child = spawn(process.execPath, [...flags, worker, step, dir, String(amount)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`the step ${step} ended with ${status ?? "a signal"}`);
  return JSON.parse(printed) as T;
}
