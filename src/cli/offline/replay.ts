import { EXIT } from "../../commands/index.js";
import type { HomeHints } from "../find-home.js";
import { printNote } from "../print.js";
import { playRecording, type RecordingState, type ReplayTerminal } from "../replay/index.js";
import { openFound, type KeyFiles } from "./open-found.js";

export interface ReplayWish extends KeyFiles {
  readonly speed?: number;
  readonly skipIdleMs?: number;
  readonly showKeys: boolean;
  readonly channel?: number;
  readonly startMs?: number;
}

/** What is said once the terminal is given back; nothing of what ended, or was not read to its end. */
const STATE_TEXT: Partial<Record<RecordingState, string>> = {
  live: "the session is live",
  interrupted: "the recording was interrupted: it has no end",
};

/** This process' own terminal; its size is asked for again and again. */
const ownTerminal: ReplayTerminal = {
  input: process.stdin,
  output: process.stdout,
  get columns() {
    return process.stdout.columns;
  },
  get rows() {
    return process.stdout.rows;
  },
};

/** Plays a session or a file in the terminal. Gives the exit status. */
export async function replayCommand(
  what: string,
  how: "replay" | "watch",
  { key, apartKey, ...wish }: ReplayWish,
  hints: HomeHints,
): Promise<number> {
  const { reader, isLive } = await openFound(what, how, { key, apartKey }, hints);
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    // Without a terminal a replay shows what there is so far; only watching waits for more.
    const follow = isLive && (how === "watch" || process.stdout.isTTY);
    const frames = reader.frames(follow ? stop.signal : undefined);
    const from = how === "replay" && follow ? { startMs: 0 } : {};
    const options = { ...from, ...wish, follow, signal: stop.signal };
    const state = await playRecording({ frames, terminal: ownTerminal, options });
    const told = STATE_TEXT[isLive && state !== "ended" ? "live" : state];
    if (told !== undefined) printNote(`bascule: ${told}`);
    return stop.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    process.off("SIGINT", interrupt);
    if (process.stdin.isTTY) process.stdin.unref(); // a file or a pipe has nothing to let go of
    stop.abort();
    await reader.close();
  }
}
