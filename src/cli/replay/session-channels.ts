import { Channels, FrameType, type ChannelView, type Frame } from "../../recording/index.js";
import type { RecordingState } from "./status-line.js";
import { Timeline } from "./timeline.js";

/** Reads a recording's frames to their end, in the background, into a timeline for each session channel. */
export class SessionChannels {
  readonly timelines: Timeline[] = [];
  readonly #channels = new Channels();
  readonly #keys: boolean;
  readonly #live: boolean;
  #reading = true;
  #stopped = false;
  #ended = false;

  /** `live` tells what a missing end frame means. */
  constructor({ keys, live }: { keys: boolean; live: boolean }) {
    this.#keys = keys;
    this.#live = live;
  }

  get state(): RecordingState {
    if (this.#ended) return "ended";
    if (this.#live) return "live";
    return this.#reading ? "reading" : "interrupted";
  }

  /** True while more may come. */
  get reading(): boolean {
    return this.#reading;
  }

  /** Resolves at the end of the frames. `seen` is called after each. @throws what reading throws */
  async read(frames: AsyncIterable<Frame>, seen: () => void): Promise<void> {
    try {
      for await (const frame of frames) {
        if (this.#stopped) return;
        this.#see(frame);
        seen();
      }
    } finally {
      this.#reading = false;
      for (const timeline of this.timelines) timeline.finish();
      seen();
    }
  }

  /** Reading ends at the next frame. */
  stop(): void {
    this.#stopped = true;
  }

  #see(frame: Frame): void {
    this.#channels.see(frame);
    if (frame.type === FrameType.end) this.#ended = true;
    if (frame.type === FrameType.channelOpen && this.#channels.get(frame.channel)?.kind === "session")
      this.timelines.push(new Timeline(frame.channel, { keys: this.#keys }));
    for (const timeline of this.timelines) timeline.see(frame);
  }
}

/** What a channel is called in the status line. */
export function titleOf(view: ChannelView | undefined): string {
  switch (view?.start?.kind) {
    case "exec":
      return view.start.command;
    case "subsystem":
      return view.start.name;
    default:
      return view?.start?.kind ?? "session";
  }
}
