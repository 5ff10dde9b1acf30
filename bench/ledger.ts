/**
 * What the ledger costs: entries a second with a synced batch each, how long who appends waits, memory and the time to
 * open, at a small size and at `entries`; and what a starting control adds to that. Each step is a process of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

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

/** What a starting control does: it derives its state from every entry. */
export interface ReplayFigures {
  readonly replayMs: number;
  readonly rssBytes: number;
  readonly size: number;
}

const worker = fileURLToPath(new URL("ledger-worker.js", import.meta.url));
/** How long entries come at 5,000 a second. */
const pacedSeconds = 20;

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
      say(replayText(await run<ReplayFigures>("replay", dir, 0)));
    }
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
    `  memory ${(rssBytes / 2 ** 20).toFixed(0)} MiB resident`,
  ].join("\n");
}

function replayText({ replayMs, rssBytes, size }: ReplayFigures): string {
  const perSecond = size / (replayMs / 1000);
  return `  control would start in ${seconds(replayMs)}: ${perSecond.toFixed(0)} entries/s into state, ${(rssBytes / 2 ** 20).toFixed(0)} MiB resident`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function run<T>(step: "fill" | "append" | "replay", dir: string, amount: number): Promise<T> {
  const child = spawn(process.execPath, [worker, step, dir, String(amount)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`the step ${step} ended with ${status ?? "a signal"}`);
  return JSON.parse(printed) as T;
}
