import { WireError, WireReader } from "../wire/index.js";

/** What a channel-open asked for (RFC 4254 sections 5.1 and 7.2, OpenSSH PROTOCOL 2.4 for sockets). */
export interface ChannelOpen {
  /** `session`, `direct-tcpip`, `forwarded-tcpip`, `auth-agent@openssh.com`, … */
  kind: string;
  /** `host:port` or socket path that a forward leads to. */
  destination?: string;
}

/** What a channel request asked for (RFC 4254 sections 5.4 and 6). `other` is known by its name only. */
export type ChannelRequest = { wantReply: boolean } & (
  | { kind: "pty-req"; term: string; columns: number; rows: number }
  | { kind: "window-change"; columns: number; rows: number }
  | { kind: "env"; name: string; value: string }
  | { kind: "shell" }
  | { kind: "exec"; command: string }
  | { kind: "subsystem"; name: string }
  | { kind: "signal"; signal: string }
  | { kind: "exit-status"; status: number }
  | { kind: "exit-signal"; signal: string; message: string }
  | { kind: "other"; name: string }
);

/**
 * The payload of a channel-open frame. attacker-controlled: a recording keeps what crossed, well-formed or not, so
 * malformed bytes give undefined.
 */
export function decodeChannelOpen(payload: Buffer): ChannelOpen | undefined {
  return orMalformed(() => {
    const reader = new WireReader(payload);
    const kind = text(reader);
    reader.raw(12); // sender's channel, window, packet size
    if (kind === "direct-tcpip" || kind === "forwarded-tcpip")
      return { kind, destination: `${text(reader)}:${reader.uint32()}` };
    if (kind.endsWith("-streamlocal@openssh.com")) return { kind, destination: text(reader) };
    return { kind };
  });
}

/** The payload of a channel-request frame; undefined when malformed. */
export function decodeChannelRequest(payload: Buffer): ChannelRequest | undefined {
  return orMalformed(() => {
    const reader = new WireReader(payload);
    const name = text(reader);
    const wantReply = reader.byte() !== 0;
    return { wantReply, ...decodeKind(name, reader) };
  });
}

type Kind = ChannelRequest extends infer R ? (R extends unknown ? Omit<R, "wantReply"> : never) : never;

function decodeKind(name: string, reader: WireReader): Kind {
  switch (name) {
    case "pty-req":
      return { kind: name, term: text(reader), columns: reader.uint32(), rows: reader.uint32() };
    case "window-change":
      return { kind: name, columns: reader.uint32(), rows: reader.uint32() };
    case "env":
      return { kind: name, name: text(reader), value: text(reader) };
    case "shell":
      return { kind: name };
    case "exec":
      return { kind: name, command: text(reader) };
    case "subsystem":
      return { kind: name, name: text(reader) };
    case "signal":
      return { kind: name, signal: text(reader) };
    case "exit-status":
      return { kind: name, status: reader.uint32() };
    case "exit-signal":
      return { kind: name, signal: text(reader), message: (reader.byte(), text(reader)) };
    default:
      return { kind: "other", name };
  }
}

/** Text for people: what is not UTF-8 becomes U+FFFD. */
function text(reader: WireReader): string {
  return reader.string().toString("utf8");
}

function orMalformed<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
