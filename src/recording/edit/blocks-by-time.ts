import type { AuditorPrivateKey } from "../auditor-key.js";
import { openRecording } from "../reader.js";
import { FrameType, type Frame } from "../frame.js";
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
  /** Of all of them together: what goes, which is at least what was asked. */
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * The blocks in which something happened between two times (microseconds since the session began, both inclusive). A block
 * goes as a whole, so more than that time may be found; a block of which only its place is known is taken to fill all the time
 * around it. Undefined when nothing was recorded then. The end of the recording is not found.
 * @throws RecordingError as openRecording and reading do
 */
export async function blocksByTime(
  path: string,
  auditors: readonly AuditorPrivateKey[],
  { fromUs, toUs }: { readonly fromUs: number; readonly toUs: number },
): Promise<FoundBlocks | undefined> {
  const reader = await openRecording(path, auditors);
  const found: Span[] = [];
  /** Blocks that cannot be read; they end where the next one that can begins. */
  let unread: Span[] = [];
  let lastUs = 0;
  const take = (span: Span) => {
    if (span.fromUs <= toUs && span.toUs >= fromUs) found.push(span);
  };
  try {
    for await (const { number, frames } of reader.blocks()) {
      if (frames.some(({ type }) => type === FrameType.end)) continue;
      const span = spanOf(number, frames);
      if (span === undefined) {
        unread.push({ number, fromUs: lastUs, toUs: Infinity });
        continue;
      }
      for (const before of unread) take({ ...before, toUs: span.fromUs });
      unread = [];
      take(span);
      lastUs = span.toUs;
    }
    for (const rest of unread) take(rest);
  } finally {
    await reader.close();
  }
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const times = { fromUs: first.fromUs, toUs: Math.max(...found.map((span) => span.toUs)) };
  return { session: reader.header.session, from: first.number, to: last.number, ...times };
}

/** Undefined for a block that is withheld. */
function spanOf(number: number, frames: readonly Frame[]): Span | undefined {
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined || first.type === FrameType.withheld) return undefined;
  return { number, fromUs: first.atUs, toUs: last.atUs };
}
