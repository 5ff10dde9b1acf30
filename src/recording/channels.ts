import { FrameType, type Direction, type Frame } from "./frame.js";
import { decodeChannelOpen, decodeChannelRequest, type ChannelRequest } from "./ssh-payload.js";

/** What runs in a session channel. */
export type Start =
  Extract<ChannelRequest, { kind: "shell" | "exec" | "subsystem" }> extends infer S
    ? S extends unknown
      ? Omit<S, "wantReply">
      : never
    : never;

/** One channel of a session, as far as its frames tell. */
export interface ChannelView {
  channel: number;
  /** `session`, `direct-tcpip`, …; `unknown` when the open was malformed or withheld. */
  kind: string;
  destination: string | undefined;
  openedBy: Direction;
  state: "asked" | "open" | "refused" | "closed";
  openedAtUs: number;
  closedAtUs: number | undefined;
  /** The command, subsystem or shell that was asked for and not refused. */
  start: Start | undefined;
  /** The terminal, if one was asked for and not refused; its size is the latest. */
  pty: { term: string; columns: number; rows: number } | undefined;
  env: { name: string; value: string }[];
  exit: { status: number } | { signal: string; message: string } | undefined;
  /** Data bytes: what the client sent, what the target sent, and of its extended data (stderr) apart. */
  bytes: { client: number; target: number; stderr: number };
}

/**
 * A terminal is taken to be no larger: no screen is, and a client may claim 4,294,967,295 columns. Whoever draws it has memory
 * for each cell, and for those of the lines that scroll off.
 */
const columnsMax = 1000;
const rowsMax = 500;

/** Variables of one channel that are shown: sshd takes fewer, and each refusal looks through them all. */
const environmentMax = 256;

/** Requests in order, and how many of them are answered: to take the first one off would cost a move of all others. */
interface Waiting {
  readonly requests: ChannelRequest[];
  answered: number;
}

/** Follows frames and knows each channel. For a live session as for one that ended. */
export class Channels {
  readonly #views = new Map<number, ChannelView>();
  /** Client's requests that wait for an answer, per channel, in order (RFC 4254 section 5.4). */
  readonly #waiting = new Map<number, Waiting>();
  /** The client's latest request, per channel: what a denial right behind it is about. */
  readonly #latest = new Map<number, ChannelRequest>();

  /** All channels in the order of their opening. The views go on changing as more is seen. */
  all(): ChannelView[] {
    return [...this.#views.values()];
  }

  get(channel: number): ChannelView | undefined {
    return this.#views.get(channel);
  }

  see(frame: Frame): void {
    if (frame.channel === 0) return;
    if (frame.type === FrameType.channelOpen) {
      this.#views.set(frame.channel, viewOf(frame));
      return;
    }
    const view = this.#views.get(frame.channel);
    if (view !== undefined) this.#change(view, frame);
  }

  #change(view: ChannelView, frame: Frame): void {
    const { payload, direction } = frame;
    switch (frame.type) {
      case FrameType.channelOpenConfirmation:
        view.state = "open";
        break;
      case FrameType.channelOpenFailure:
        view.state = "refused";
        view.closedAtUs = frame.atUs;
        break;
      case FrameType.channelData:
        view.bytes[direction === "client" ? "client" : "target"] += payload.length;
        break;
      case FrameType.channelExtendedData:
        view.bytes.stderr += Math.max(0, payload.length - 4);
        break;
      case FrameType.channelRequest:
        this.#request(view, direction, decodeChannelRequest(payload));
        break;
      case FrameType.channelSuccess:
      case FrameType.channelFailure:
        if (direction !== "client") this.#answer(view, frame.type === FrameType.channelSuccess);
        break;
      case FrameType.denied:
        undo(view, this.#latest.get(view.channel));
        break;
      case FrameType.channelClose:
        view.state = "closed";
        view.closedAtUs = frame.atUs;
        break;
    }
  }

  #request(view: ChannelView, direction: Direction, request: ChannelRequest | undefined): void {
    if (request === undefined) return;
    if (direction === "client") this.#latest.set(view.channel, request);
    if (direction === "client" && request.wantReply) {
      const waiting = this.#waiting.get(view.channel);
      if (waiting === undefined) this.#waiting.set(view.channel, { requests: [request], answered: 0 });
      else waiting.requests.push(request);
    }
    apply(view, request, direction);
  }

  /** A request counts until it is refused: a client need not wait for the answer before it goes on. */
  #answer(view: ChannelView, granted: boolean): void {
    const waiting = this.#waiting.get(view.channel);
    if (waiting === undefined) return;
    const request = waiting.requests[waiting.answered++];
    if (waiting.answered >= waiting.requests.length) this.#waiting.delete(view.channel);
    if (!granted) undo(view, request);
  }
}

function undo(view: ChannelView, request: ChannelRequest | undefined): void {
  if (request?.kind === "pty-req") view.pty = undefined;
  if (request?.kind === view.start?.kind) view.start = undefined;
  if (request?.kind === "env") view.env = view.env.filter(({ name }) => name !== request.name);
}

function viewOf(frame: Frame): ChannelView {
  const open = decodeChannelOpen(frame.payload);
  return {
    channel: frame.channel,
    kind: open?.kind ?? "unknown",
    destination: open?.destination,
    openedBy: frame.direction,
    state: "asked",
    openedAtUs: frame.atUs,
    closedAtUs: undefined,
    start: undefined,
    pty: undefined,
    env: [],
    exit: undefined,
    bytes: { client: 0, target: 0, stderr: 0 },
  };
}

/** Only the client asks for a terminal and a program; only the other side tells how it ended. */
function apply(view: ChannelView, request: ChannelRequest, direction: Direction): void {
  const byClient = direction === "client";
  switch (request.kind) {
    case "pty-req":
      if (byClient) view.pty = { term: request.term, ...sizeOf(request) };
      break;
    case "window-change":
      if (byClient && view.pty) view.pty = { ...view.pty, ...sizeOf(request) };
      break;
    case "env":
      if (byClient && view.env.length < environmentMax)
        view.env.push({ name: request.name, value: request.value });
      break;
    case "shell":
      if (byClient) view.start ??= { kind: "shell" };
      break;
    case "exec":
      if (byClient) view.start ??= { kind: "exec", command: request.command };
      break;
    case "subsystem":
      if (byClient) view.start ??= { kind: "subsystem", name: request.name };
      break;
    case "exit-status":
      if (!byClient) view.exit = { status: request.status };
      break;
    case "exit-signal":
      if (!byClient) view.exit = { signal: request.signal, message: request.message };
      break;
    case "signal":
    case "other":
      break;
  }
}

/** 0 means "no opinion" (RFC 4254 section 6.2): the usual 80 by 24 then. */
function sizeOf({ columns, rows }: { columns: number; rows: number }): { columns: number; rows: number } {
  return {
    columns: Math.min(columns === 0 ? 80 : columns, columnsMax),
    rows: Math.min(rows === 0 ? 24 : rows, rowsMax),
  };
}

/** The channels of a whole recording. */
export async function drawChannels(frames: AsyncIterable<Frame>): Promise<ChannelView[]> {
  const channels = new Channels();
  for await (const frame of frames) channels.see(frame);
  return channels.all();
}
