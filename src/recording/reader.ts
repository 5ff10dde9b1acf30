import type { AuditorPrivateKey } from "./auditor-key.js";
import { BlockCipher } from "./block-cipher.js";
import { isSealed, plainBytesMax, SealedBit } from "./block.js";
import { openBlockSource, type BlockSource } from "./block-source.js";
import { encodeJson } from "./canonical-json.js";
import type { Head } from "./chain.js";
import { unwrapDataKey } from "./data-key.js";
import { inflateFrames } from "./deflate.js";
import { decodeFrames, FrameType, type Frame, type Withheld } from "./frame.js";
import { decodeHeader, decodeKeys, type RecordingHeader } from "./header.js";
import { verifyCommitment } from "./key-commitment.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { substitutedKeys } from "./substitute.js";
import { Walk, type Step } from "./walk.js";

/** How far a pass over the frames came. */
export interface Ending {
  /** `open` is live or interrupted: no end frame was there. Which of both, only the bastion's state can tell. */
  state: "ended" | "open";
  /** Bytes of an unfinished block at the end, which an interrupted write leaves behind. */
  tornBytes: number;
  head: Head;
}

/** An open recording. Frames come out as they went in, each block proven before its first. */
export interface RecordingReader {
  readonly header: RecordingHeader;
  /** How the latest whole pass of {@link frames} ended. */
  readonly ending: Ending | undefined;
  /**
   * All frames from the first. With `follow` it waits for more until the end frame or until the signal aborts.
   * In place of a block that may not be read stands a `withheld` frame.
   * @throws RecordingError with the byte offset, for everything corrupt; what came before was given out
   */
  frames(follow?: AbortSignal): AsyncGenerator<Frame, void>;
  /** The same by blocks, those of header and keys left out: `number` is what a redaction is about. */
  blocks(follow?: AbortSignal): AsyncGenerator<{ number: number; frames: Frame[] }, void>;
  close(): Promise<void>;
}

/**
 * Opens a recording with its data key, or with auditors' private keys that one of its wrapped keys is for.
 * Header and keys are read and the key commitment is checked; frames are not yet looked at.
 * @throws RecordingError `read-failed`, `header-truncated`, `header-invalid`, `key-not-for-us`, `key-commitment`, …
 */
export async function openRecording(
  path: string,
  key: Buffer | readonly AuditorPrivateKey[],
): Promise<RecordingReader> {
  const source = await openBlockSource(path);
  try {
    const header = await readHeader(source);
    const dataKey = Buffer.isBuffer(key) ? key : await unwrapDataKey(header.keys, key);
    verifyCommitment(dataKey, header.session, header.keyCommitment);
    return new FileRecordingReader(source, header, new BlockCipher(dataKey, header.session));
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function readHeader(source: BlockSource): Promise<RecordingHeader> {
  const walk = new Walk();
  let header: Omit<RecordingHeader, "keys"> | undefined;
  for await (const block of source.blocks()) {
    const step = walk.enter(block);
    if (header === undefined) header = placedAt(block.offset, () => decodeHeader(block.body));
    else
      return {
        ...header,
        keys: step.substitute
          ? substitutedKeys(step.substitute)
          : placedAt(block.offset, () => decodeKeys(block.body)),
      };
    walk.leave(step);
  }
  throw new RecordingError("header-truncated", "the file ends before its header does", {
    offset: walk.head().bytes,
  });
}

class FileRecordingReader implements RecordingReader {
  readonly header: RecordingHeader;
  readonly #source: BlockSource;
  readonly #cipher: BlockCipher;
  #ending: Ending | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: BlockSource, header: RecordingHeader, cipher: BlockCipher) {
    this.#source = source;
    this.header = header;
    this.#cipher = cipher;
  }

  get ending(): Ending | undefined {
    return this.#ending;
  }

  async *frames(follow?: AbortSignal): AsyncGenerator<Frame, void> {
    for await (const { frames } of this.blocks(follow)) yield* frames;
  }

  async *blocks(follow?: AbortSignal): AsyncGenerator<{ number: number; frames: Frame[] }, void> {
    const walk = new Walk();
    // A stop of our own, so that following ends with the end frame and not only with the caller's signal.
    const ended = new AbortController();
    const blocks = this.#source.blocks(follow && AbortSignal.any([follow, ended.signal]));
    let lastUs = 0;
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      const step = walk.enter(next.value);
      const frames = isSealed(step.kind) ? this.#open(step, walk, lastUs) : [];
      walk.leave(step);
      if (walk.ended) ended.abort();
      lastUs = frames.at(-1)?.atUs ?? lastUs;
      if (frames.length > 0) yield { number: step.number, frames };
    }
    const tornBytes = next.value.length;
    const head = walk.head();
    if (walk.ended && tornBytes > 0)
      throw new RecordingError("block-order", "bytes follow the last block", { offset: head.bytes });
    this.#ending = { state: walk.ended ? "ended" : "open", tornBytes, head };
  }

  close(): Promise<void> {
    this.#cipher.wipe();
    return (this.#closing ??= this.#source.close());
  }

  #open(step: Step, walk: Walk, lastUs: number): Frame[] {
    const { block, kind, substitute } = step;
    if (substitute !== undefined) return [withheld(step, "redacted", lastUs)];
    if ((kind & SealedBit.apart) !== 0) {
      if (this.header.apartKeyCommitment !== undefined) return [withheld(step, "apart", lastUs)];
      throw new RecordingError("block-forged", "a block for a key that there is not", {
        offset: block.offset,
      });
    }
    const opened = this.#cipher.open(block, walk.chain);
    return placedAt(block.offset, () => {
      const plain = (kind & SealedBit.deflated) === 0 ? opened : inflateFrames(opened);
      if (plain.length > plainBytesMax) throw new RecordingError("block-too-long", "a block is too long");
      const frames = decodeFrames(plain);
      const endAt = frames.findIndex(({ type }) => type === FrameType.end);
      if (endAt !== ((kind & SealedBit.last) === 0 ? -1 : frames.length - 1))
        throw new RecordingError("end-misplaced", "the end frame is not where the last block ends");
      if ((frames[0]?.atUs ?? 0) < lastUs) throw new RecordingError("frame-invalid", "time runs backwards");
      return frames;
    });
  }
}

function withheld(step: Step, why: Withheld["why"], atUs: number): Frame {
  const { number: block, substitute } = step;
  const detail: Withheld = {
    why,
    block,
    bytes: substitute?.bytes ?? step.block.bytes.length,
    ...(substitute === undefined ? {} : { statement: substitute.statement }),
  };
  return { type: FrameType.withheld, direction: "bastion", channel: 0, atUs, payload: encodeJson(detail) };
}
