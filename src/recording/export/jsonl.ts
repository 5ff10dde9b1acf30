import { isUtf8 } from "node:buffer";
import { Channels } from "../channels.js";
import { FrameType, type Frame } from "../frame.js";
import { Keystrokes, type Keystroke } from "../keystrokes.js";
import { decodeChannelOpen, decodeChannelRequest } from "../ssh-payload.js";

const nameOf = new Map<number, string>(
  Object.entries(FrameType).map(([name, type]) => [
    type,
    name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
  ]),
);

/**
 * One JSON object for each frame: `atUs`, `type` (name or number), `direction`, `channel`, and what it holds: `text`
 * where the bytes are UTF-8, `base64` where not, `open`/`request` for what SSH asked, `detail` for Bascule's own.
 * Input of the client is only counted (`bytes`) without `keys`; with it, what a terminal did not echo is `•`.
 */
export async function* exportJsonl(
  frames: AsyncIterable<Frame>,
  { channel, keys }: { channel?: number | undefined; keys: boolean },
): AsyncGenerator<string> {
  const lines = new Lines(keys);
  for await (const frame of frames)
    yield* lines.take(frame, channel === undefined || channel === frame.channel || isWithheld(frame));
  yield* lines.end();
}

class Lines {
  readonly #keys: boolean;
  readonly #channels = new Channels();
  readonly #keystrokes = new Map<number, Keystrokes>();
  #held: { object: object; undecided: Keystroke[] }[] = [];

  constructor(keys: boolean) {
    this.#keys = keys;
  }

  *take(frame: Frame, wanted: boolean): Generator<string> {
    this.#channels.see(frame);
    for (const keystrokes of this.#keystrokes.values()) keystrokes.expire(frame.atUs);
    const undecided = this.#keystrokesOf(frame);
    if (wanted)
      this.#held.push({ object: this.#objectOf(frame, undecided !== undefined), undecided: undecided ?? [] });
    yield* this.#decided();
  }

  *end(): Generator<string> {
    for (const keystrokes of this.#keystrokes.values()) keystrokes.finish();
    yield* this.#decided();
  }

  /** Tells the channel's keystrokes of typing and echo; gives those that were typed with this frame. */
  #keystrokesOf({ type, direction, channel, payload, atUs }: Frame): Keystroke[] | undefined {
    if (!this.#keys || type !== FrameType.channelData || this.#channels.get(channel)?.pty === undefined)
      return undefined;
    const keystrokes = this.#keystrokes.get(channel) ?? new Keystrokes();
    this.#keystrokes.set(channel, keystrokes);
    const text = payload.toString("utf8");
    if (direction === "client") return text === "" ? [] : keystrokes.typed(text, atUs);
    keystrokes.echoed(text, atUs);
    return undefined;
  }

  #objectOf(frame: Frame, typed: boolean): object {
    const { atUs, type, direction, channel, payload } = frame;
    const clientData =
      direction === "client" && (type === FrameType.channelData || type === FrameType.channelExtendedData);
    const held = typed ? {} : clientData && !this.#keys ? { bytes: payload.length } : contentOf(frame);
    return { atUs, type: nameOf.get(type) ?? type, direction, channel, ...held };
  }

  *#decided(): Generator<string> {
    let count = 0;
    for (const { object, undecided } of this.#held) {
      if (undecided.some(({ shown }) => shown === undefined)) break;
      const typed = undecided.length === 0 ? {} : { text: undecided.map(({ shown }) => shown).join("") };
      yield `${JSON.stringify({ ...object, ...typed })}\n`;
      count++;
    }
    if (count > 0) this.#held = this.#held.slice(count);
  }
}

/** It may have been any channel's. */
function isWithheld({ type }: Frame): boolean {
  return type === FrameType.withheld;
}

function contentOf({ type, payload }: Frame): object {
  switch (type) {
    case FrameType.channelOpen:
      return { open: decodeChannelOpen(payload) ?? { malformed: payload.toString("base64") } };
    case FrameType.channelRequest:
      return { request: decodeChannelRequest(payload) ?? { malformed: payload.toString("base64") } };
    case FrameType.channelExtendedData:
      return { code: payload.length < 4 ? null : payload.readUInt32BE(0), ...textOf(payload.subarray(4)) };
    case FrameType.clock:
      return payload.length === 8 ? { wallMs: Number(payload.readBigUInt64BE()) } : textOf(payload);
    case FrameType.fileOperation:
    case FrameType.denied:
    case FrameType.cut:
    case FrameType.withheld:
    case FrameType.end:
      return { detail: jsonOf(payload) };
    default:
      return payload.length === 0 ? {} : textOf(payload);
  }
}

function textOf(bytes: Buffer): object {
  return isUtf8(bytes) ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return textOf(payload);
  }
}
