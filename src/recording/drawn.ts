import { TextDecoder } from "node:util";
import { Channels, type ChannelView } from "./channels.js";
import { FrameType, type Frame, type Withheld } from "./frame.js";
import { decodeTypedLine } from "./typed-line.js";
import { redactionOf, redactionText } from "./edit/redaction-statement.js";

/** Which of a channel's streams something showed up on. */
export type Stream = "stdout" | "stderr" | "notice";

/** One thing that happened on a channel, as a person saw it. Times are microseconds since the session began. */
export type Drawn =
  | { kind: "output"; atUs: number; stream: Stream; text: string; bytes: Buffer }
  | { kind: "input"; atUs: number; text: string }
  | { kind: "resize"; atUs: number; columns: number; rows: number }
  | { kind: "exit"; atUs: number; status: number | undefined; signal: string | undefined };

/** Decoders carry a UTF-8 character that packets split; what is not UTF-8 becomes U+FFFD (WHATWG Encoding). */
type Decoders = Record<Stream | "input", TextDecoder>;

/**
 * Turns one channel's frames into what was shown. Push-driven, so that a recording on disk and one that still grows
 * are drawn by the same code.
 */
export class ChannelDrawing {
  readonly channel: number;
  readonly #channels = new Channels();
  readonly #keys: boolean;
  readonly #decoders: Decoders = {
    stdout: newDecoder(),
    stderr: newDecoder(),
    notice: newDecoder(),
    input: newDecoder(),
  };
  /** What was typed came as it was typed: what may be shown of it is not drawn as well. */
  #isUnsealed = false;
  #drawn: Drawn[] = [];
  #lastUs = 0;
  /** The redaction whose blocks were seen last: a stretch of many has one placeholder. */
  #redaction: string | undefined;

  /**
   * With `keys`, input is drawn too. On a terminal it is what may be shown of it, line by line and dots where it was not
   * echoed, or, where the reader had the apart key, what was typed.
   */
  constructor(channel: number, { keys }: { keys: boolean }) {
    this.channel = channel;
    this.#keys = keys;
  }

  /** What is known of the channel so far. */
  get view(): ChannelView | undefined {
    return this.#channels.get(this.channel);
  }

  /** Takes any frame of the session and returns what can now be shown. */
  see(frame: Frame): Drawn[] {
    this.#lastUs = frame.atUs;
    if (frame.type === FrameType.withheld) this.#drawWithheld(frame);
    else if (frame.channel === this.channel) {
      this.#redaction = undefined;
      const { pty, exit } = this.view ?? {};
      this.#channels.see(frame);
      this.#draw(frame, { pty, exit });
    }
    return this.#take();
  }

  /** Returns the rest, with what a cut-off character leaves. No more frames come. */
  finish(): Drawn[] {
    for (const stream of ["stdout", "stderr", "notice"] as const) this.#output(stream, Buffer.alloc(0), true);
    this.#input(Buffer.alloc(0), true);
    return this.#take();
  }

  #draw(frame: Frame, before: Partial<Pick<ChannelView, "pty" | "exit">>): void {
    const { atUs, payload, direction } = frame;
    const fromClient = direction === "client";
    if (frame.type === FrameType.channelData) {
      if (fromClient) this.#input(payload, false);
      else this.#output("stdout", payload, false);
    } else if (frame.type === FrameType.channelExtendedData && !fromClient) {
      this.#output("stderr", payload.subarray(4), false);
    } else if (frame.type === FrameType.typed) {
      const { text } = decodeTypedLine(payload);
      if (this.#keys && !this.#isUnsealed) this.#drawn.push({ kind: "input", atUs, text });
    } else if (frame.type === FrameType.notice) {
      this.#output("notice", payload, false);
    } else if (frame.type === FrameType.channelRequest) {
      const { pty, exit } = this.view ?? {};
      if (pty && pty !== before.pty)
        this.#drawn.push({ kind: "resize", atUs, columns: pty.columns, rows: pty.rows });
      if (exit && exit !== before.exit) this.#drawn.push(exitOf(atUs, exit));
    }
  }

  /** What of the session is gone may have been this channel's: it is said while the channel is open. */
  #drawWithheld({ payload }: Frame): void {
    const withheld = JSON.parse(payload.toString("utf8")) as Withheld; // the reader has made it
    const redaction = redactionOf(withheld);
    const isOpen = this.view !== undefined && this.view.closedAtUs === undefined;
    if (withheld.why !== "redacted" || !isOpen || redaction === this.#redaction) return;
    this.#redaction = redaction;
    const end = this.view.pty === undefined ? "\n" : "\r\n";
    this.#output("notice", Buffer.from(`${end}[${redactionText(withheld)}]${end}`), false);
  }

  #output(stream: Stream, bytes: Buffer, last: boolean): void {
    const text = this.#decoders[stream].decode(bytes, { stream: !last });
    if (text !== "" || bytes.length > 0)
      this.#drawn.push({ kind: "output", atUs: this.#lastUs, stream, text, bytes });
  }

  #input(bytes: Buffer, last: boolean): void {
    if (this.view?.pty !== undefined && bytes.length > 0) this.#isUnsealed = true;
    const text = this.#decoders.input.decode(bytes, { stream: !last });
    if (this.#keys && text !== "") this.#drawn.push({ kind: "input", atUs: this.#lastUs, text });
  }

  #take(): Drawn[] {
    return this.#drawn.splice(0);
  }
}

/** All that was shown on one channel of a recording. */
export async function* drawChannel(
  frames: AsyncIterable<Frame>,
  channel: number,
  options: { keys: boolean },
): AsyncGenerator<Drawn, ChannelView | undefined> {
  const drawing = new ChannelDrawing(channel, options);
  for await (const frame of frames) yield* drawing.see(frame);
  yield* drawing.finish();
  return drawing.view;
}

function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

function exitOf(atUs: number, exit: NonNullable<ChannelView["exit"]>): Drawn {
  return "status" in exit
    ? { kind: "exit", atUs, status: exit.status, signal: undefined }
    : { kind: "exit", atUs, status: undefined, signal: exit.signal };
}
