import type { AuditorPrivateKey } from "./auditor-key.js";
import { BlockCipher } from "./block-cipher.js";
import { BlockKind, holdsFrames, isUnfinishedStream, SealedBit } from "./block.js";
import { openBlockSource, type BlockSource } from "./block-source.js";
import { encodeJson } from "./canonical-json.js";
import type { Head } from "./chain.js";
import { unwrapDataKey } from "./data-key.js";
import { inflateFrames } from "./deflate.js";
import { decodeFrames } from "./frame-rows.js";
import { FrameType, type Frame, type Withheld } from "./frame.js";
import { decodeHeader, decodeKeys, type RecordingHeader } from "./header.js";
import { verifyCommitment } from "./key-commitment.js";
import { openStream, openUnfinished, type Ciphers } from "./open-stream.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { substitutedKeys, TORN_KIND } from "./substitute.js";
import { Walk, type Step } from "./walk.js";

/** How far a pass over the frames came. */
export interface Ending {
  /** `open` is live or interrupted: no end frame was there. Which of both, only the bastion's state can tell. */
  state: "ended" | "open";
  /** Bytes of an unfinished block at the end, which an interrupted write leaves behind. */
  tornBytes: number;
  /** The last so many frames were read out of those bytes: the recording's keys open them, but no seal proves them. */
  unprovenFrames: number;
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

/** A recording's key itself, or auditors' private keys that one of its wrapped keys is for. */
export type RecordingKey = Buffer | readonly AuditorPrivateKey[];

/**
 * Opens a recording with its data key; with its apart key as well, what was typed on terminals comes as it was typed.
 * Header and keys are read and the key commitments are checked; frames are not yet looked at.
 * @throws RecordingError `read-failed`, `header-truncated`, `header-invalid`, `key-not-for-us`, `key-commitment`, …
 */
export async function openRecording(
  path: string,
  key: RecordingKey,
  apartKey?: RecordingKey,
): Promise<RecordingReader> {
  const source = await openBlockSource(path);
  try {
    const header = await readHeader(source);
    const data = await cipherOf(header, "data", key);
    const apart = apartKey && (await cipherOf(header, "apart", apartKey));
    return new FileRecordingReader(source, header, { data, apart });
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function cipherOf(
  header: RecordingHeader,
  opens: "data" | "apart",
  key: RecordingKey,
): Promise<BlockCipher> {
  const isRaw = Buffer.isBuffer(key);
  const raw = isRaw ? key : await unwrapDataKey(header.keys, key, opens);
  try {
    verifyCommitment(
      raw,
      header.session,
      opens === "data" ? header.keyCommitment : header.apartKeyCommitment,
    );
    return new BlockCipher(raw, header.session);
  } finally {
    if (!isRaw) raw.fill(0);
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
  readonly #ciphers: Ciphers;
  #ending: Ending | undefined;
  #closing: Promise<void> | undefined;

  constructor(source: BlockSource, header: RecordingHeader, ciphers: Ciphers) {
    this.#source = source;
    this.header = header;
    this.#ciphers = ciphers;
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
    /** Of the stream block that grows: frames that were given before it was whole. */
    let given = 0;
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      if (next.value.unfinished) {
        const { frames } = openUnfinished(next.value.bytes, walk.chain, this.#ciphers, true);
        if (frames.length > given) yield { number: walk.chain.blocks, frames: frames.slice(given) };
        given = frames.length;
        continue;
      }
      const step = walk.enter(next.value);
      const isOpened = holdsFrames(step.kind) || step.kind === TORN_KIND;
      const frames = isOpened ? this.#open(step, walk, lastUs) : [];
      walk.leave(step);
      if (walk.ended) ended.abort();
      lastUs = frames.at(-1)?.atUs ?? lastUs;
      if (frames.length > given) yield { number: step.number, frames: frames.slice(given) };
      given = 0;
    }
    const torn = next.value;
    if (walk.isOver && torn.length > 0)
      throw new RecordingError("block-order", "bytes follow the last block", { offset: walk.head().bytes });
    const unproven = this.#openTorn(torn, walk);
    if (unproven.length > given) yield { number: walk.chain.blocks, frames: unproven.slice(given) };
    const state = walk.ended ? "ended" : "open";
    this.#ending = { state, tornBytes: torn.length, unprovenFrames: unproven.length, head: walk.head() };
  }

  close(): Promise<void> {
    this.#ciphers.data.wipe();
    this.#ciphers.apart?.wipe();
    return (this.#closing ??= this.#source.close());
  }

  #open(step: Step, walk: Walk, lastUs: number): Frame[] {
    const { block, kind, substitute } = step;
    if (substitute !== undefined) return [withheld(step, "redacted", lastUs)];
    if (kind === BlockKind.stream) return this.#openStream(step, walk, lastUs);
    const opened = this.#ciphers.data.open(block, walk.chain);
    return placedAt(block.offset, () => {
      const frames = decodeFrames((kind & SealedBit.deflated) === 0 ? opened : inflateFrames(opened));
      const endAt = frames.findIndex(isEnd);
      if (endAt !== ((kind & SealedBit.last) === 0 ? -1 : frames.length - 1))
        throw new RecordingError("end-misplaced", "the end frame is not where the last block ends");
      return inTime(frames, lastUs);
    });
  }

  #openStream(step: Step, walk: Walk, lastUs: number): Frame[] {
    const { block } = step;
    return placedAt(block.offset, () => {
      const opened = openStream(block, walk.chain, this.#ciphers);
      if (opened.frames.some(isEnd))
        throw new RecordingError("end-misplaced", "an end frame in a stream block");
      const frames = inTime(opened.frames, lastUs);
      if (opened.withheld) frames.push(withheld(step, "apart", frames.at(-1)?.atUs ?? lastUs));
      return frames;
    });
  }

  /** What a dead writer left of a stream block, as far as it makes sense: nothing proves it. */
  #openTorn(torn: Buffer, walk: Walk): Frame[] {
    if (!isUnfinishedStream(torn)) return [];
    try {
      return openUnfinished(torn, walk.chain, this.#ciphers, false).frames;
    } catch (error) {
      if (error instanceof RecordingError) return [];
      throw error;
    }
  }
}

function isEnd({ type }: Frame): boolean {
  return type === FrameType.end;
}

function inTime(frames: Frame[], lastUs: number): Frame[] {
  if ((frames[0]?.atUs ?? lastUs) < lastUs) throw new RecordingError("frame-invalid", "time runs backwards");
  return frames;
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
