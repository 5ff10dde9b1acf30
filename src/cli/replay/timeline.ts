import { ChannelDrawing, type ChannelView, type Drawn, type Frame } from "../../recording/index.js";

export type Output = Extract<Drawn, { kind: "output" | "resize" | "exit" }>;
export type Input = Extract<Drawn, { kind: "input" }>;

/** Bytes of one channel that are kept to seek in. Longer ones are for `export`. */
const heldBytesMax = 512 * 1024 * 1024;

/** What one session channel showed, in memory, growing while the recording is read. */
export class Timeline {
  readonly channel: number;
  readonly outputs: Output[] = [];
  readonly inputs: Input[] = [];
  readonly #picture: ChannelDrawing;
  #lastUs = 0;
  #heldBytes = 0;

  constructor(channel: number, { keys }: { keys: boolean }) {
    this.channel = channel;
    this.#picture = new ChannelDrawing(channel, { keys });
  }

  get view(): ChannelView | undefined {
    return this.#picture.view;
  }

  /** From the channel's opening to the last thing known of it. */
  get durationUs(): number {
    return Math.max(0, this.#lastUs - this.startUs);
  }

  /** The channel's opening, microseconds since the session began. */
  get startUs(): number {
    return this.view?.openedAtUs ?? 0;
  }

  /** Takes any frame of the session. @throws Error when the channel is too long to be held */
  see(frame: Frame): void {
    if (this.view?.closedAtUs === undefined) this.#lastUs = frame.atUs;
    this.#keep(this.#picture.see(frame));
    if (this.#heldBytes > heldBytesMax)
      throw new Error(`channel ${this.channel} showed too much to be replayed; export it instead`);
  }

  /** No more frames come. */
  finish(): void {
    this.#keep(this.#picture.finish());
  }

  /** What was typed in the time before `atUs`, for a line that tells it. */
  typedBefore(atUs: number, withinUs: number): string {
    let text = "";
    for (let index = this.inputs.length - 1; index >= 0; index--) {
      const input = this.inputs[index];
      if (input === undefined || input.atUs < atUs - withinUs) break;
      if (input.atUs <= atUs) text = input.text + text;
    }
    return text;
  }

  #keep(drawn: readonly Drawn[]): void {
    for (const item of drawn) {
      if (item.kind === "output") this.#heldBytes += item.bytes.length;
      if (item.kind === "input") this.inputs.push(item);
      else this.outputs.push(item);
    }
  }
}
