import type { AuditorPrivateKey } from "../auditor-key.js";
import { Channels } from "../channels.js";
import { FrameType, type Frame, type Withheld } from "../frame.js";
import { openRecording, type RecordingReader } from "../reader.js";
import { RecordingError } from "../recording-error.js";
import { decodeTypedLine } from "../typed-line.js";
import type { Stretch } from "./redact-blocks.js";

/** Microseconds since the session began, both inclusive. */
interface Times {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A line that was typed, from its first key until it is told, and the blocks that this takes. */
interface Line extends Times, Stretch {}

/** When a block begins and ends, by what can be read of it. */
interface Span extends Times {
  readonly number: number;
  /** It holds what was typed, which is not to be read; the lines say when that was. */
  readonly isTyped: boolean;
  readonly lines: readonly Line[];
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
 * default the first session channel, as a player counts), and for each line that was being typed then all from its first key until
 * it is told. A block goes as a whole, so more than that time may be found; one that is gone is taken to fill all the time
 * around it. What a dead writer left behind the last whole block, with that block's number and one, is of any time after the rest.
 * Undefined when nothing was recorded then. The end of the recording is not found.
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
    const times = { fromUs: wanted.fromUs + openedUs, toUs: wanted.toUs + openedUs };
    const stretch = stretchOf(spans, times);
    if (stretch === undefined) return undefined;
    const { from, to } = stretch;
    const { fromUs, toUs } = timesOf(spans, stretch);
    const { session, bastion } = reader.header;
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

/** Of all blocks but the one that holds the end. */
async function spansOf(reader: RecordingReader): Promise<readonly Span[]> {
  const spans: Span[] = [];
  /** Blocks that are gone: they end where the next one that can be read begins. */
  let gone: Span[] = [];
  let lastUs = 0;
  for await (const { number, frames } of reader.blocks()) {
    const read = frames.filter(({ type }) => type !== FrameType.withheld);
    const [firstUs, endUs] = [read[0]?.atUs ?? lastUs, read.at(-1)?.atUs ?? lastUs];
    const isTyped = frames.some(isUnseen);
    const span = { number, fromUs: firstUs, toUs: endUs, isTyped, lines: linesOf(number, read) };
    if (read.length === 0 && !isTyped) {
      gone.push(span);
      continue;
    }
    spans.push(...gone.map((before) => ({ ...before, toUs: firstUs })));
    gone = [];
    lastUs = endUs;
    if (!frames.some(({ type }) => type === FrameType.end)) spans.push(span);
  }
  spans.push(...gone);
  const { state, tornBytes = 0, head } = reader.ending ?? {};
  if (state === "ended") return spans;
  return withUntold(tornBytes > 0 ? withTorn(spans, head?.blocks ?? 0) : spans);
}

/** What a dead writer left: as much of it as can be read, and whatever else is in it. */
function withTorn(spans: readonly Span[], number: number): readonly Span[] {
  const whole = spans.filter((span) => span.number < number);
  const lines = spans.find((span) => span.number === number)?.lines ?? [];
  return [...whole, { number, fromUs: whole.at(-1)?.toUs ?? 0, toUs: Infinity, isTyped: true, lines }];
}

/** Of an interrupted session the last lines were never told: what was typed into its last blocks may be of any time after them. */
function withUntold(spans: readonly Span[]): readonly Span[] {
  const told = spans.findLastIndex(({ lines }) => lines.length > 0);
  return spans.map((span, at) => (at < told || !span.isTyped ? span : { ...span, toUs: Infinity }));
}

function isUnseen({ type, payload }: Frame): boolean {
  if (type !== FrameType.withheld) return false;
  const { why } = JSON.parse(payload.toString("utf8")) as Withheld; // the reader has made it
  return why === "apart";
}

function linesOf(to: number, frames: readonly Frame[]): readonly Line[] {
  return frames
    .filter(({ type }) => type === FrameType.typed)
    .map(({ atUs, payload }) => {
      const { agoMs, fromBlock } = decodeTypedLine(payload);
      return { from: fromBlock, to, fromUs: atUs - agoMs * 1000, toUs: atUs };
    });
}

function stretchOf(spans: readonly Span[], times: Times): Stretch | undefined {
  let found: Stretch | undefined;
  const take = ({ from, to }: Stretch) => {
    found = { from: Math.min(from, found?.from ?? from), to: Math.max(to, found?.to ?? to) };
  };
  for (const span of spans) {
    if (meet(span, times)) take({ from: span.number, to: span.number });
    for (const line of span.lines) if (meet(line, times)) take(line);
  }
  return found;
}

/** From the first frame to the last that can be read of these blocks. */
function timesOf(spans: readonly Span[], { from, to }: Stretch): Times {
  const within = spans.filter(({ number }) => number >= from && number <= to);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined) throw new TypeError("the stretch was found in them");
  return { fromUs: first.fromUs, toUs: Number.isFinite(last.toUs) ? last.toUs : last.fromUs };
}

function meet(one: Times, other: Times): boolean {
  return one.fromUs <= other.toUs && one.toUs >= other.fromUs;
}
