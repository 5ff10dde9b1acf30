import type { AuditorPrivateKey } from "../auditor-key.js";
import { Channels } from "../channels.js";
import { FrameType, type Frame } from "../frame.js";
import { openRecording, type RecordingReader } from "../reader.js";
import { RecordingError } from "../recording-error.js";
import { decodeTypedLine } from "../typed-line.js";
import type { Stretch } from "./redact-blocks.js";

/** Microseconds since the session began, both inclusive. */
interface Times {
  readonly fromUs: number;
  readonly toUs: number;
}

/** When a block begins and ends. */
interface Span extends Times {
  readonly number: number;
  /** Lines that were typed, each from its first key until it is told: one tells what others hold. */
  readonly lines: readonly Times[];
}

/** Blocks that hold something of a time, and the time that goes with them. */
export interface FoundBlocks extends Stretch {
  readonly session: string;
  /** The name of the bastion that recorded it. */
  readonly bastion: string;
  /** Of all of them together: what goes, which is at least what was asked. */
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * The blocks in which something happened between two times (microseconds since a channel was opened, both inclusive; by
 * default the first session channel, as a player counts), and all that tells of a line that was typed then, from its first key
 * on. A block goes as a whole, so more than that time may be found; where a block is withheld, or holds what was typed and is not to
 * be read, it is taken to fill all the time around it. Undefined when nothing was recorded then. The end of the recording is
 * not found.
 * @throws RecordingError as openRecording and reading do, `channel-absent`
 */
export async function blocksByTime(
  path: string,
  auditors: readonly AuditorPrivateKey[],
  wanted: Times & { readonly channel?: number },
): Promise<FoundBlocks | undefined> {
  const reader = await openRecording(path, auditors);
  try {
    const openedUs = await openingOf(reader, wanted.channel);
    const spans = await spansOf(reader);
    const times = withLines({ fromUs: wanted.fromUs + openedUs, toUs: wanted.toUs + openedUs }, spans);
    const found = spans.filter((span) => meet(span, times));
    const [first] = found;
    const last = found.at(-1);
    if (first === undefined || last === undefined) return undefined;
    const { session, bastion } = reader.header;
    return {
      ...{ session, bastion, from: first.number, to: last.number },
      ...{ fromUs: first.fromUs - openedUs, toUs: last.toUs - openedUs },
    };
  } finally {
    await reader.close();
  }
}

async function openingOf(reader: RecordingReader, wanted: number | undefined): Promise<number> {
  const channels = new Channels();
  for await (const frame of reader.frames()) {
    channels.see(frame);
    if (frame.type !== FrameType.channelOpen) continue;
    const isIt =
      wanted === undefined ? channels.get(frame.channel)?.kind === "session" : frame.channel === wanted;
    if (isIt) return frame.atUs;
  }
  throw new RecordingError("channel-absent", "the recording does not have such a channel; give --blocks");
}

/** Of all blocks but the one that holds the end. */
async function spansOf(reader: RecordingReader): Promise<readonly Span[]> {
  const spans: Span[] = [];
  /** Blocks that are not known to end before the next one begins. */
  let open: Span[] = [];
  let lastUs = 0;
  for await (const { number, frames } of reader.blocks()) {
    const read = frames.filter(({ type }) => type !== FrameType.withheld);
    const isWhole = read.length === frames.length;
    const [firstUs, endUs] = [read[0]?.atUs ?? lastUs, read.at(-1)?.atUs ?? lastUs];
    // what was typed into a block may be earlier than all else in it
    const span = { number, fromUs: isWhole ? firstUs : lastUs, toUs: endUs, lines: linesOf(read) };
    if (read.length > 0) {
      spans.push(...open.map((before) => ({ ...before, toUs: firstUs })));
      open = [];
    }
    lastUs = endUs;
    if (frames.some(({ type }) => type === FrameType.end)) continue;
    if (isWhole) spans.push(span);
    else open.push(span);
  }
  return [...spans, ...open];
}

function linesOf(frames: readonly Frame[]): readonly Times[] {
  return frames
    .filter(({ type }) => type === FrameType.typed)
    .map(({ atUs, payload }) => ({ fromUs: atUs - decodeTypedLine(payload).agoMs * 1000, toUs: atUs }));
}

/** The times with those of each line that was typed in them. */
function withLines(times: Times, spans: readonly Span[]): Times {
  let { fromUs, toUs } = times;
  for (const { lines } of spans)
    for (const line of lines) {
      if (!meet(line, times)) continue;
      fromUs = Math.min(fromUs, line.fromUs);
      toUs = Math.max(toUs, line.toUs);
    }
  return { fromUs, toUs };
}

function meet(one: Times, other: Times): boolean {
  return one.fromUs <= other.toUs && one.toUs >= other.fromUs;
}
