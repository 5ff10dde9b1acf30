import {
  encodeTypedLine,
  FrameType,
  Typing,
  type RecordingWriter,
  type TypedText,
} from "../recording/index.js";
import type { Tap } from "./tap.js";

/** How soon what was typed and not echoed is decided: a little after the two seconds that an echo has. */
const decideAfterMs = 2_100;

/**
 * The recorder of a session, as the relay sees it: times each frame, and adds what was typed on terminals as it may be
 * shown, once the echo has told. The bytes themselves are kept apart by the writer.
 */
export class TypingTap implements Tap {
  readonly #recorder: RecordingWriter;
  readonly #nowUs: () => number;
  readonly #onAppended: (bytes: number) => void;
  readonly #typing = new Typing();
  #timer: NodeJS.Timeout | undefined;

  /** `nowUs` counts microseconds since the session began; `onAppended` is told the bytes of each frame's payload. */
  constructor(
    recorder: RecordingWriter,
    { nowUs, onAppended }: { nowUs: () => number; onAppended: (bytes: number) => void },
  ) {
    this.#recorder = recorder;
    this.#nowUs = nowUs;
    this.#onAppended = onAppended;
  }

  append({ type, direction, channel, payload }: Parameters<Tap["append"]>[0], terminal: boolean): void {
    const atUs = this.#nowUs();
    const { block } = this.#recorder;
    // Written out: a spread of frames from many places is slow, and this is done for every packet.
    this.#recorder.append({ type, direction, channel, atUs, payload }, terminal);
    this.#onAppended(payload.length);
    if (!terminal || type !== FrameType.channelData) return;
    if (direction === "client") {
      this.#add(this.#typing.typed(channel, payload, atUs, block), atUs);
      if (this.#typing.waiting) this.#timer ??= setTimeout(() => this.#onTimer(), decideAfterMs);
    } else if (this.#typing.waiting) this.#add(this.#typing.echoed(channel, payload, atUs), atUs);
  }

  flush(): void {
    this.#recorder.flush();
  }

  /** Decides the rest. Throws what the recorder throws. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#add(this.#typing.finish(), this.#nowUs());
  }

  #onTimer(): void {
    this.#timer = undefined;
    const atUs = this.#nowUs();
    try {
      this.#add(this.#typing.expire(atUs), atUs);
    } catch {
      // onFailure has been told, and ends the session
    }
    if (this.#typing.waiting) this.#timer = setTimeout(() => this.#onTimer(), decideAfterMs);
  }

  #add(texts: readonly TypedText[], atUs: number): void {
    for (const { channel, text, fromUs, fromBlock } of texts) {
      const agoMs = Math.max(0, Math.ceil((atUs - fromUs) / 1000));
      const payload = encodeTypedLine({ agoMs, fromBlock, text });
      this.#recorder.append({ type: FrameType.typed, direction: "bastion", channel, atUs, payload }, true);
      this.#onAppended(payload.length);
    }
  }
}
