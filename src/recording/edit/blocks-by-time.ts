import type { AuditorPrivateKey } from "../auditor-key.js";
import { Channels } from "../channels.js";
import { FrameType, type Frame } from "../frame.js";
import { openRecording, type RecordingReader } from "../reader.js";
import { RecordingError } from "../recording-error.js";
import type { Stretch } from "./redact-blocks.js";

/** When a block begins and ends, microseconds since the session began. */
interface Span {
  readonly number: number;
  readonly fromUs: number;
  readonly toUs: number;
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
 * default the first session channel, as a player counts). A block goes as a whole, so more than that time may be found; a block
 * of which only its place is known is taken to fill all the time around it. Undefined when nothing was recorded then. The end
 * of the recording is not found.
 * @throws RecordingError as openRecording and reading do, `channel-absent`
 */
export async function blocksByTime(
  path: string,
  auditors: readonly AuditorPrivateKey[],
  wanted: { readonly fromUs: number; readonly toUs: number; readonly channel?: number },
): Promise<FoundBlocks | undefined> {
  const reader = await openRecording(path, auditors);
  try {
    const openedUs = await openingOf(reader, wanted.channel);
    const times = { fromUs: wanted.fromUs + openedUs, toUs: wanted.toUs + openedUs };
    const found = await blocksBetween(reader, times);
    if (found === undefined) return undefined;
    const { session, bastion } = reader.header;
    const { from, to, fromUs, toUs } = found;
    return { session, bastion, from, to, fromUs: fromUs - openedUs, toUs: toUs - openedUs };
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

type Times = Pick<FoundBlocks, "fromUs" | "toUs">;

async function blocksBetween(
  reader: RecordingReader,
  { fromUs, toUs }: Times,
): Promise<(Stretch & Times) | undefined> {
  const found: Span[] = [];
  /** Blocks that cannot be read; they end where the next one that can begins. */
  let unread: Span[] = [];
  let lastUs = 0;
  const take = (span: Span) => {
    if (span.fromUs <= toUs && span.toUs >= fromUs) found.push(span);
  };
  for await (const { number, frames } of reader.blocks()) {
    const span = spanOf(number, frames);
    if (span === undefined) {
      unread.push({ number, fromUs: lastUs, toUs: lastUs });
      continue;
    }
    for (const before of unread) take({ ...before, toUs: span.fromUs });
    unread = [];
    if (!frames.some(({ type }) => type === FrameType.end)) take(span);
    lastUs = span.toUs;
  }
  for (const rest of unread) take(rest);
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { from: first.number, to: last.number, fromUs: first.fromUs, toUs: last.toUs };
}

/** Undefined for a block that is withheld. */
function spanOf(number: number, frames: readonly Frame[]): Span | undefined {
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined || first.type === FrameType.withheld) return undefined;
  return { number, fromUs: first.atUs, toUs: last.atUs };
}
