import {
  FrameType,
  commitKey,
  encodeTypedLine,
  type Direction,
  type Frame,
  type RecordingHeader,
} from "../../../src/recording/index.js";
import { WireWriter } from "../../../src/wire/index.js";

export const dataKey = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

export const apartKey = Buffer.from(Array.from({ length: 32 }, (_, index) => 0xff - index));

export const header: RecordingHeader = {
  format: "bascule-recording-v1",
  session: "ses-7k3mq2vd",
  identity: "alice",
  grant: "grt-4hs8w1xz",
  approvers: ["bob", "carol"],
  reason: "INC-42: vacuum überfällig",
  serial: "18446744073709551615",
  clientAddress: "192.0.2.7",
  target: "prod-db-1",
  login: "postgres",
  hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  startedAtMs: 1_767_225_600_000,
  policy: "0".repeat(64),
  bastion: "bastion",
  keyCommitment: commitKey(dataKey, "ses-7k3mq2vd"),
  apartKeyCommitment: commitKey(apartKey, "ses-7k3mq2vd"),
  keys: [],
};

/** A frame, said briefly. */
export function frame(
  type: keyof typeof FrameType,
  direction: Direction,
  atMs: number,
  payload: Buffer | string = "",
  channel = 1,
): Frame {
  return {
    type: FrameType[type],
    direction,
    channel,
    atUs: Math.round(atMs * 1000),
    payload: Buffer.from(payload as string),
  };
}

export const typed = (atMs: number, text: string | Buffer, channel = 1): Frame =>
  frame("channelData", "client", atMs, text, channel);
export const shown = (atMs: number, text: string | Buffer, channel = 1): Frame =>
  frame("channelData", "target", atMs, text, channel);
/** What may be shown of typing that began so many milliseconds before, in a block. */
export const line = (atMs: number, text: string, agoMs = 0, fromBlock = 2, channel = 1): Frame =>
  frame("typed", "bastion", atMs, encodeTypedLine({ agoMs, fromBlock, text }), channel);
export const shownOnStderr = (atMs: number, text: string, channel = 1): Frame =>
  frame(
    "channelExtendedData",
    "target",
    atMs,
    new WireWriter().uint32(1).raw(Buffer.from(text)).finish(),
    channel,
  );

/** The payload of a channel-open. */
export function open(kind = "session"): Buffer {
  return new WireWriter().string(kind).uint32(0).uint32(2_097_152).uint32(32_768).finish();
}

/** The payload of a channel-request; numbers become uint32, texts strings, booleans booleans. */
export function request(name: string, wantReply: boolean, ...fields: (string | number | boolean)[]): Buffer {
  const writer = new WireWriter().string(name).boolean(wantReply);
  for (const field of fields) {
    if (typeof field === "number") writer.uint32(field);
    else if (typeof field === "boolean") writer.boolean(field);
    else writer.string(field);
  }
  return writer.finish();
}

export const ptyRequest = (columns = 80, rows = 24): Buffer =>
  request("pty-req", true, "xterm-256color", columns, rows, 0, 0, "");

/** The frames that open a session channel with a shell on a terminal. */
export function shell(atMs = 0, { columns = 80, rows = 24, channel = 1 } = {}): Frame[] {
  return [
    frame("channelOpen", "client", atMs, open(), channel),
    frame("channelOpenConfirmation", "target", atMs, Buffer.alloc(12), channel),
    frame("channelRequest", "client", atMs, ptyRequest(columns, rows), channel),
    frame("channelSuccess", "target", atMs, "", channel),
    frame("channelRequest", "client", atMs, request("shell", true), channel),
    frame("channelSuccess", "target", atMs, "", channel),
  ];
}

/** The frames that open a session channel with a command and no terminal. */
export function exec(command: string, atMs = 0, channel = 1): Frame[] {
  return [
    frame("channelOpen", "client", atMs, open(), channel),
    frame("channelOpenConfirmation", "target", atMs, Buffer.alloc(12), channel),
    frame("channelRequest", "client", atMs, request("exec", true, command), channel),
    frame("channelSuccess", "target", atMs, "", channel),
  ];
}

/** The frames as often as wanted, as a reader gives them. */
export async function* streamed(frames: readonly Frame[]): AsyncGenerator<Frame> {
  await Promise.resolve();
  yield* frames;
}

export const sourceOf = (frames: readonly Frame[]) => ({ header, frames: () => streamed(frames) });

/** All that comes, in order. */
export async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
