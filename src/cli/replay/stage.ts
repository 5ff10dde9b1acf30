import { Screen, type ScreenSize } from "../../recording/index.js";
import type { Timeline } from "./timeline.js";

/** A state of the screen that playing can go on from. */
interface Keyframe {
  /** How many of the timeline's outputs are in it. */
  index: number;
  atUs: number;
  size: ScreenSize;
  text: string;
}

/** Characters fed between keyframes: seeking to where the stage has been feeds at most this much, some 10 ms. */
const keyframeEveryCharacters = 128 * 1024;
const usualSize: ScreenSize = { columns: 80, rows: 24 };

/** The screen of one timeline at a moment, and the way to any other moment. */
export class Stage {
  readonly #timeline: Timeline;
  readonly #keyframes: Keyframe[] = [];
  #screen: Screen | undefined;
  #index = 0;
  #sinceKeyframe = 0;

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** When the next thing happens after what is shown; undefined when nothing more is known. */
  get nextAtUs(): number | undefined {
    return this.#timeline.outputs[this.#index]?.atUs;
  }

  /** When the last thing that is shown happened. */
  get shownAtUs(): number {
    return this.#timeline.outputs[this.#index - 1]?.atUs ?? this.#timeline.startUs;
  }

  /** Brings the screen to what it was at `atUs`, back or forth. */
  async goTo(atUs: number): Promise<Screen> {
    const keyframe = this.#keyframes.findLast((candidate) => candidate.atUs <= atUs);
    if (atUs < this.shownAtUs || this.#index < (keyframe?.index ?? 0)) await this.#jump(keyframe);
    const screen = (this.#screen ??= this.#newScreen(usualSize));
    for (let next = this.#timeline.outputs[this.#index]; next && next.atUs <= atUs;) {
      if (next.kind === "resize") await screen.resize(next);
      if (next.kind === "output") {
        this.#sinceKeyframe += next.text.length;
        if (screen.feed(next.text)) await screen.settle();
      }
      this.#index++;
      if (this.#sinceKeyframe >= keyframeEveryCharacters) await this.#keepKeyframe(screen);
      next = this.#timeline.outputs[this.#index];
    }
    await screen.settle();
    return screen;
  }

  dispose(): void {
    this.#screen?.dispose();
    this.#screen = undefined;
  }

  /** To a keyframe, or to the beginning. */
  async #jump(keyframe: Keyframe | undefined): Promise<void> {
    this.dispose();
    this.#index = keyframe?.index ?? 0;
    this.#sinceKeyframe = 0;
    this.#screen = this.#newScreen(keyframe?.size ?? usualSize);
    if (keyframe !== undefined) this.#screen.feed(keyframe.text);
    await this.#screen.settle();
  }

  async #keepKeyframe(screen: Screen): Promise<void> {
    this.#sinceKeyframe = 0;
    if ((this.#keyframes.at(-1)?.index ?? 0) >= this.#index) return;
    await screen.settle();
    this.#keyframes.push({
      index: this.#index,
      atUs: this.shownAtUs,
      size: screen.size,
      text: screen.serialize(),
    });
  }

  #newScreen(size: ScreenSize): Screen {
    return new Screen(size, { lineFeedOnly: this.#timeline.view?.pty === undefined });
  }
}
