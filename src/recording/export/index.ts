/**
 * recording/export: what is drawn from a recording's frames for other programs. Nothing here knows keys or files.
 * An export may be less than the recording (keystrokes are left out unless asked for), never more.
 */
import { FrameType, type Frame } from "../frame.js";
import type { RecordingHeader } from "../header.js";
import { RecordingError } from "../recording-error.js";
import { decodeChannelOpen } from "../ssh-payload.js";
import { exportAsciicast } from "./asciicast.js";
import { exportJsonl } from "./jsonl.js";
import { exportText, type StderrIn } from "./text.js";

export const exportFormats = ["asciicast-v2", "asciicast-v3", "text", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportOptions {
  /** Logical channel; by default the first session channel, and for jsonl all. */
  channel?: number;
  /** Show what was typed; dots where the terminal did not echo. */
  keys?: boolean;
  /** For text of channels without a terminal. */
  stderr?: StderrIn;
}

/** Anything whose frames can be gone through, more than once: a {@link RecordingReader}, or a test's list. */
export interface ExportSource {
  header: RecordingHeader;
  frames(): AsyncIterable<Frame>;
}

/**
 * Exports a recording in pieces of bytes.
 * @throws RecordingError `channel-absent`, and whatever reading the frames throws
 */
export async function* exportRecording(
  source: ExportSource,
  format: ExportFormat,
  options: ExportOptions = {},
): AsyncGenerator<Buffer> {
  const { keys = false, stderr = "with-output" } = options;
  if (format === "jsonl") {
    for await (const line of exportJsonl(source.frames(), { channel: options.channel, keys }))
      yield Buffer.from(line);
    return;
  }
  const channel = await findChannel(source.frames(), options.channel);
  if (format === "text") {
    yield* exportText(source.frames(), { channel, stderr });
    return;
  }
  const version = format === "asciicast-v2" ? 2 : 3;
  for await (const line of exportAsciicast(source.header, source.frames(), { version, channel, keys }))
    yield Buffer.from(line);
}

async function findChannel(frames: AsyncIterable<Frame>, wanted: number | undefined): Promise<number> {
  for await (const { type, channel, payload } of frames) {
    if (type !== FrameType.channelOpen) continue;
    if (wanted === undefined ? decodeChannelOpen(payload)?.kind === "session" : wanted === channel)
      return channel;
  }
  throw new RecordingError(
    "channel-absent",
    wanted === undefined ? "the recording has no session channel" : `the recording has no channel ${wanted}`,
  );
}
