import { once } from "node:events";
import type { Writable } from "node:stream";
import { ChannelDrawing, Channels, FrameType, RecordingError, type Frame } from "../../recording/index.js";
import type { PlayerClock } from "./wake.js";

/**
 * Writes what one channel put out, byte for byte, to something that is no terminal: at once, or in the recording's
 * own time when a speed is given. Returns whether an end frame was seen.
 * @throws RecordingError `channel-absent` when the frames end without that channel
 */
export async function playPlainly(
  frames: AsyncIterable<Frame>,
  output: Writable,
  {
    channel,
    speed,
    clock,
    signal,
  }: { channel: number | undefined; speed: number | undefined; clock: PlayerClock; signal: AbortSignal },
): Promise<boolean> {
  const channels = new Channels();
  const beganMs = clock.nowMs();
  let drawing: ChannelDrawing | undefined;
  let ended = false;
  for await (const frame of frames) {
    channels.see(frame);
    if (frame.type === FrameType.end) ended = true;
    if (drawing === undefined && isWanted(channels, frame, channel))
      drawing = new ChannelDrawing(frame.channel, { keys: false });
    for (const item of drawing?.see(frame) ?? []) {
      if (item.kind !== "output") continue;
      const dueMs = beganMs + (item.atUs - (drawing?.view?.openedAtUs ?? 0)) / 1000 / (speed ?? Infinity);
      if (dueMs > clock.nowMs()) await clock.sleep(dueMs - clock.nowMs(), signal);
      if (signal.aborted) return ended;
      if (!output.write(item.bytes)) await drained(output, signal);
    }
  }
  if (drawing === undefined && (ended || channel !== undefined))
    throw new RecordingError(
      "channel-absent",
      channel === undefined ? "nothing ran in it but forwards" : `the recording has no channel ${channel}`,
    );
  return ended;
}

async function drained(output: Writable, signal: AbortSignal): Promise<void> {
  try {
    await once(output, "drain", { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function isWanted(channels: Channels, { type, channel }: Frame, wanted: number | undefined): boolean {
  if (type !== FrameType.channelOpen) return false;
  return wanted === undefined ? channels.get(channel)?.kind === "session" : channel === wanted;
}
