import type { Screen } from "../../recording/index.js";
import type { Command } from "./keys.js";
import type { Picture } from "./picture.js";
import { Playhead } from "./playhead.js";
import { titleOf, type SessionChannels } from "./session-channels.js";
import { Stage } from "./stage.js";
import { statusLine } from "./status-line.js";
import type { Timeline } from "./timeline.js";
import type { PlayerClock, Wake } from "./wake.js";

const seekUs = 10_000_000;
/** Pictures come at most this often. */
const pictureEveryMs = 33;
/** The status line's clock goes on at least this often. */
const statusEveryMs = 250;
/** How long a keystroke stays in the status line. */
const typedForUs = 5_000_000;
/** What `i` and `--skip-idle` without a number make of a pause. */
const idleMs = 1000;

export interface PlayerOptions {
  speed: number;
  /** Pauses longer than this are shortened to it; undefined plays them out. */
  skipIdleMs: number | undefined;
  showKeys: boolean;
  /** Logical channel to begin with; undefined is the first session channel. */
  channel: number | undefined;
  /** Undefined is the beginning, and the newest of what is live. */
  startMs: number | undefined;
}

/** Plays timelines on a terminal until it is told to quit. At the end it waits there. */
export class Player {
  readonly #channels: SessionChannels;
  readonly #picture: Picture;
  readonly #size: () => { columns: number; rows: number };
  readonly #clock: PlayerClock;
  readonly #wake: Wake;
  readonly #options: PlayerOptions;
  readonly #playhead: Playhead;
  #skipIdleMs: number | undefined;
  #index: number | undefined;
  #stage: Stage | undefined;
  /** Playing is at the end of what is live, and stays there as it moves on. */
  #following: boolean;
  /** All that is known was shown. */
  #starving = false;
  #quit = false;

  constructor(parts: {
    channels: SessionChannels;
    picture: Picture;
    size: () => { columns: number; rows: number };
    clock: PlayerClock;
    wake: Wake;
    options: PlayerOptions;
  }) {
    const { speed, startMs, skipIdleMs } = parts.options;
    this.#channels = parts.channels;
    this.#picture = parts.picture;
    this.#size = parts.size;
    this.#clock = parts.clock;
    this.#wake = parts.wake;
    this.#options = parts.options;
    this.#skipIdleMs = skipIdleMs;
    this.#following = startMs === undefined;
    this.#playhead = new Playhead({ atUs: (startMs ?? 0) * 1000, speed, nowMs: parts.clock.nowMs() });
  }

  /** Does what a key asks for; seen at the next picture, which comes at once. */
  command(command: Command): void {
    const nowMs = this.#clock.nowMs();
    switch (command) {
      case "pause":
        this.#following = false;
        this.#playhead.togglePause(nowMs);
        break;
      case "faster":
        this.#playhead.faster(nowMs);
        break;
      case "slower":
        this.#playhead.slower(nowMs);
        break;
      case "back":
        this.#following = false;
        this.#playhead.moveTo(Math.max(0, this.#positionUs(nowMs) - seekUs), nowMs);
        break;
      case "forward":
        this.#playhead.moveTo(this.#positionUs(nowMs) + seekUs, nowMs);
        break;
      case "skip-idle":
        this.#skipIdleMs = this.#skipIdleMs === undefined ? idleMs : undefined;
        break;
      case "next-channel":
        this.#choose(((this.#index ?? -1) + 1) % Math.max(1, this.#channels.timelines.length));
        this.#playhead.moveTo(0, nowMs);
        break;
      case "quit":
        this.#quit = true;
        break;
    }
    this.#wake.wake();
  }

  /** To be called when a timeline has got more. */
  moreFrames(): void {
    if (!this.#starving) return;
    this.#starving = false;
    this.#wake.wake();
  }

  async play(): Promise<void> {
    while (!this.#quit) {
      const nowMs = this.#clock.nowMs();
      const timeline = this.#timeline();
      this.#hold(timeline, nowMs);
      const positionUs = this.#positionUs(nowMs);
      const screen = timeline && (await this.#stage?.goTo(timeline.startUs + positionUs));
      this.#draw(screen, timeline, positionUs);
      await this.#wake.sleep(this.#untilNextMs(timeline));
    }
    this.#stage?.dispose();
  }

  /** Keeps playing within what is known, at the edge of what is live, and out of long pauses. */
  #hold(timeline: Timeline | undefined, nowMs: number): void {
    const playhead = this.#playhead;
    const live = this.#channels.state === "live";
    if (timeline === undefined) {
      playhead.moveTo((this.#options.startMs ?? 0) * 1000, nowMs);
      return;
    }
    if (live && this.#following) {
      playhead.moveTo(timeline.durationUs, nowMs);
      return;
    }
    if (playhead.positionUs(nowMs) >= timeline.durationUs) {
      this.#following = live && playhead.playing;
      // While a file is still being read, its end is not yet known.
      if (live || !this.#channels.reading) playhead.moveTo(timeline.durationUs, nowMs);
      return;
    }
    const nextAtUs = this.#stage?.nextAtUs;
    if (this.#skipIdleMs === undefined || nextAtUs === undefined || !playhead.playing || !this.#stage) return;
    const idleUs = playhead.positionUs(nowMs) + timeline.startUs - this.#stage.shownAtUs;
    if (idleUs >= this.#skipIdleMs * 1000) playhead.moveTo(nextAtUs - timeline.startUs, nowMs);
  }

  #positionUs(nowMs: number): number {
    return this.#playhead.positionUs(nowMs);
  }

  #timeline(): Timeline | undefined {
    if (this.#index === undefined) {
      const { channel } = this.#options;
      const first = this.#channels.timelines.findIndex(
        (timeline) => channel === undefined || timeline.channel === channel,
      );
      if (first >= 0) this.#choose(first);
    }
    return this.#channels.timelines[this.#index ?? -1];
  }

  #choose(index: number): void {
    const timeline = this.#channels.timelines[index];
    if (timeline === undefined || index === this.#index) return;
    this.#stage?.dispose();
    this.#index = index;
    this.#stage = new Stage(timeline);
  }

  #draw(screen: Screen | undefined, timeline: Timeline | undefined, positionUs: number): void {
    const size = this.#size();
    const channel = timeline && {
      number: (this.#index ?? 0) + 1,
      count: this.#channels.timelines.length,
      title: titleOf(timeline.view),
    };
    const status = statusLine(
      {
        state: this.#channels.state,
        playing: this.#playhead.playing,
        speed: this.#playhead.speed,
        positionUs,
        durationUs: timeline?.durationUs ?? 0,
        channel,
        typed: this.#options.showKeys
          ? timeline?.typedBefore(timeline.startUs + positionUs, typedForUs)
          : undefined,
      },
      size.columns,
    );
    this.#picture.draw(screen, status, size);
  }

  #untilNextMs(timeline: Timeline | undefined): number {
    const nextAtUs = this.#stage?.nextAtUs;
    this.#starving = timeline === undefined || nextAtUs === undefined;
    if (timeline === undefined || nextAtUs === undefined) return statusEveryMs;
    const untilMs = this.#playhead.untilMs(nextAtUs - timeline.startUs, this.#clock.nowMs());
    return Math.max(pictureEveryMs, Math.min(statusEveryMs, untilMs));
  }
}
