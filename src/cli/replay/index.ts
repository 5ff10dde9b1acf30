/**
 * cli/replay: a player for recordings in a terminal, and a plain copy of the output where there is none.
 *
 * It gets frames, not files: who may read, with which key, and that the ledger hears of it, is decided before. The
 * terminal is given back as it was, however playing ends. Recorded bytes must never reach a terminal undrawn.
 */
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Frame } from "../../recording/index.js";
import { parseKeys } from "./keys.js";
import { Picture } from "./picture.js";
import { playPlainly } from "./plain.js";
import { Player } from "./player.js";
import { SessionChannels } from "./session-channels.js";
import type { RecordingState } from "./status-line.js";
import { Wake, type PlayerClock } from "./wake.js";

export type { PlayerClock, RecordingState };

/** A person's terminal, or what stands in for it. `columns` and `rows` are read again for every picture. */
export interface ReplayTerminal {
  input: Readable & { setRawMode?(raw: boolean): unknown };
  output: Writable & { isTTY?: boolean };
  readonly columns: number;
  readonly rows: number;
}

export interface ReplayOptions {
  /** 1 by default; without a terminal, output is timed only when this is given. */
  speed?: number;
  /** Pauses longer than this are shortened to it. */
  skipIdleMs?: number;
  /** Show what was typed, in the status line; dots where the terminal did not echo. */
  showKeys?: boolean;
  /** Logical channel; the first session channel by default. */
  channel?: number;
  /**
   * The frames go on as the session does: a missing end frame means live, not interrupted, and playing begins at
   * what is newest unless `startMs` says otherwise.
   */
  follow?: boolean;
  /** Where to begin, from the channel's opening. */
  startMs?: number;
  /** Ends the replay, as quitting does. Frames that wait for more need a signal of their own, the caller's. */
  signal?: AbortSignal;
  clock?: PlayerClock;
}

const realClock: PlayerClock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

/**
 * Plays frames until the person quits, the signal aborts, or, without a terminal, the frames end. Tells how the
 * recording stood then. @throws what reading the frames throws, after the terminal was restored
 */
export async function playRecording(replay: {
  frames: AsyncIterable<Frame>;
  terminal: ReplayTerminal;
  options?: ReplayOptions;
}): Promise<RecordingState> {
  const { frames, terminal, options = {} } = replay;
  const {
    follow = false,
    channel,
    speed,
    clock = realClock,
    signal = new AbortController().signal,
  } = options;
  if (terminal.output.isTTY === true) return playOnTerminal(frames, terminal, options, clock, signal);
  const ended = await playPlainly(frames, terminal.output, { channel, speed, clock, signal });
  return ended ? "ended" : follow ? "live" : "interrupted";
}

async function playOnTerminal(
  frames: AsyncIterable<Frame>,
  terminal: ReplayTerminal,
  { speed = 1, skipIdleMs, showKeys = false, channel, follow = false, startMs }: ReplayOptions,
  clock: PlayerClock,
  signal: AbortSignal,
): Promise<RecordingState> {
  const { input, output } = terminal;
  const channels = new SessionChannels({ keys: showKeys, live: follow });
  const picture = new Picture(output);
  const wake = new Wake(clock);
  const player = new Player({
    channels,
    picture,
    size: () => ({ columns: terminal.columns, rows: terminal.rows }),
    clock,
    wake,
    options: { speed, skipIdleMs, showKeys, channel, startMs },
  });
  const quit = (): void => player.command("quit");
  const onKeys = (bytes: Buffer | string): void =>
    parseKeys(bytes.toString()).forEach((key) => player.command(key));
  const failures: Error[] = [];
  // Not waited for: it ends with the frames, or at the first one after quitting.
  void channels
    .read(frames, () => player.moreFrames())
    .catch((error: unknown) => {
      failures.push(error instanceof Error ? error : new Error(String(error)));
      quit();
    });
  input.setRawMode?.(true);
  input.on("data", onKeys).once("end", quit).resume();
  signal.addEventListener("abort", quit, { once: true });
  if (signal.aborted) quit();
  picture.open();
  try {
    await player.play();
  } finally {
    channels.stop();
    picture.close();
    input.setRawMode?.(false);
    input.off("data", onKeys).off("end", quit).pause();
    signal.removeEventListener("abort", quit);
  }
  for (const failure of failures) throw failure;
  return channels.state;
}
