/**
 * What a frame is. Below 128 it is the SSH message number of what crossed (RFC 4254); from 192 on, RFC 4250's
 * local range, it is Bascule's own. Window adjusts (93) are not kept.
 */
export const FrameType = {
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
  /** Text that the bastion put into the client's terminal: UTF-8. */
  notice: 192,
  /** What the wall clock said at the frame's time: uint64 big-endian, milliseconds since 1970. */
  clock: 193,
  /** A file operation seen on the wire: JSON. */
  fileOperation: 194,
  /** What the policy refused, and why: JSON. */
  denied: 195,
  /** Why the session is cut: JSON. */
  cut: 196,
  /** What was typed on a terminal, as it may be shown: see `TypedLine`; UTF-8, dots for what was not echoed. */
  typed: 197,
  /** Never in a file: the reader gives it in place of a block that may not be read. JSON, see {@link Withheld}. */
  withheld: 254,
  /** The last frame of a recording that was closed: JSON, see {@link EndReport}. */
  end: 255,
} as const;

/** Where a frame came from. */
export type Direction = "client" | "target" | "bastion";

/** One thing that crossed, or that the bastion did. */
export interface Frame {
  /** One of {@link FrameType}, or another message number from 80 to 127 that was relayed unknown. */
  type: number;
  direction: Direction;
  /** 0 is the connection itself; channels count from 1 in the order in which they were opened. */
  channel: number;
  /**
   * Monotonic microseconds since the session began; never less than the frame before. A recording keeps whole
   * milliseconds.
   */
  atUs: number;
  /**
   * The SSH message after its number and its recipient-channel field; for data (94) the bytes alone, for extended
   * data (95) uint32 code and bytes. May be a view into a larger buffer.
   */
  payload: Buffer;
}

/** What an end frame says. `outcome` is how the session ended; the rest are the recording's totals. */
export interface EndReport {
  outcome: string;
  reason?: string;
  frames: number;
  clientBytes: number;
  targetBytes: number;
}

/** In place of a block that the reader may not show: `redacted` is gone, `apart` needs the second key. */
export interface Withheld {
  why: "redacted" | "apart";
  block: number;
  /** The block's length as it was written. */
  bytes: number;
  statement?: unknown;
}

/** A payload longer than this is refused: ssh2 takes no packet above 256 KiB. */
export const framePayloadBytesMax = 256 * 1024;
/** Logical channels that a frame can name; a session opens far fewer in its life. */
const frameChannelMax = 2 ** 24 - 1;
export const directions: readonly Direction[] = ["client", "target", "bastion"];

export function isChannel(channel: number): boolean {
  return Number.isInteger(channel) && channel >= 0 && channel <= frameChannelMax;
}

/** True for what v1 keeps: the connection protocol (RFC 4250, 80 to 127) but for window adjusts, and Bascule's own. */
export function isFrameType(type: number): boolean {
  return (type >= 80 && type <= 127 && type !== 93) || (type >= 192 && type <= 197) || type === FrameType.end;
}
