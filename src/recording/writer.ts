import { BlockCipher } from "./block-cipher.js";
import { BlockKind, BlockSplitter, blockBodyBytesMax, blockPrefixBytesMax, SealedBit } from "./block.js";
import { encodeJson } from "./canonical-json.js";
import { Chain, sha256, type Head } from "./chain.js";
import { deflateFrames } from "./deflate.js";
import {
  framePayloadBytesMax,
  FrameType,
  isChannel,
  isFrameType,
  type EndReport,
  type Frame,
} from "./frame.js";
import { encodeOpening, type RecordingHeader } from "./header.js";
import { commitKey } from "./key-commitment.js";
import { OpenBlock } from "./open-block.js";
import { RecordingError, type RecordingErrorCode } from "./recording-error.js";
import { createRecordingFile, type RecordingFile } from "./recording-file.js";

/** Output waits at most this long to be sealed with what follows it. */
const groupMs = 250;

/** Sealed blocks are made here and written at once: one buffer serves every writer of the process. */
const scratch = Buffer.allocUnsafeSlow(blockPrefixBytesMax + blockBodyBytesMax);

export interface RecordingOptions {
  /** With `keyCommitment` made by `commitKey` from `dataKey`. */
  header: RecordingHeader;
  /** 32 bytes. Copied; the copy is wiped when the recording closes or fails. */
  dataKey: Buffer;
  /** How much power loss may take: fdatasync starts so soon after something was written that this holds. */
  durability: { syncEveryMs: number };
  clock: { nowUs(): number };
  /** Called once, with the first failure, also when that failure is thrown as well. */
  onFailure(error: RecordingError): void;
  /** Another file than a real one, for tests. */
  createFile?: (path: string) => Promise<RecordingFile>;
}

/** Records one session. After its first failure everything but `head` and `close` throws that failure. */
export interface RecordingWriter {
  /**
   * Copies a frame into the open block; writes only when that is full. A time before the last frame's becomes the
   * last frame's. `terminal` says that the bytes are a terminal's: blocks of nothing else are deflated.
   * @throws RecordingError `frame-too-long`, `frame-invalid`, `write-failed`, `closed`, or the failure
   */
  append(frame: Frame, terminal?: boolean): void;
  /**
   * Seals what waits. When it returns, write(2) has taken everything that was appended: now it may be forwarded.
   * @throws RecordingError `write-failed`, `closed`, or the failure
   */
  flush(): void;
  /** How far the operating system has it: what survives the death of this process. */
  head(): Head;
  /** How far the disk has it: what survives power loss. */
  durableHead(): Head;
  /**
   * Writes the end frame, waits until all is on the disk, and gives the final head. Idempotent.
   * @throws RecordingError the failure; the file is closed all the same
   */
  close(end: Pick<EndReport, "outcome" | "reason">): Promise<Head>;
}

/**
 * Creates the recording's file (0600, its directories 0700); header and keys are on the disk when it resolves.
 * @throws RecordingError `create-failed`, `write-failed`, `sync-failed`; `header-invalid` for a header that no reader
 * would accept; TypeError when the header does not commit to the key
 */
export async function createRecording(path: string, options: RecordingOptions): Promise<RecordingWriter> {
  const { header, dataKey } = options;
  if (commitKey(dataKey, header.session) !== header.keyCommitment)
    throw new TypeError("the header does not commit to the data key");
  const opening = encodeOpening(header);
  const file = await (options.createFile ?? createRecordingFile)(path).catch((cause: unknown) => {
    throw new RecordingError("create-failed", `cannot create ${path}: ${textOf(cause)}`, { cause });
  });
  const writer = new FileRecordingWriter(file, options);
  await writer.open(opening);
  return writer;
}

class FileRecordingWriter implements RecordingWriter {
  readonly #file: RecordingFile;
  readonly #options: RecordingOptions;
  readonly #cipher: BlockCipher;
  readonly #chain = new Chain();
  readonly #block = new OpenBlock();
  /** Totals for the end frame. */
  readonly #totals = { frames: 0, client: 0, target: 0, bastion: 0 };
  #lastUs = 0;
  #durable: Head = this.#chain.head();
  #groupTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncing: Promise<void> = Promise.resolve();
  #failure: RecordingError | undefined;
  #closing: Promise<Head> | undefined;

  constructor(file: RecordingFile, options: RecordingOptions) {
    this.#file = file;
    this.#options = options;
    this.#cipher = new BlockCipher(options.dataKey, options.header.session);
  }

  async open(opening: Buffer): Promise<void> {
    const splitter = new BlockSplitter();
    splitter.push(opening);
    try {
      this.#write(opening, opening.length);
      await this.#file.sync().catch((cause: unknown) => {
        throw this.#fail("sync-failed", cause);
      });
    } catch (error) {
      await this.#file.close().catch(() => undefined);
      throw error;
    }
    for (let block = splitter.next(); block; block = splitter.next())
      this.#chain.advance(block.bytes.length, sha256(block.bytes));
    this.#durable = this.#chain.head();
  }

  append(frame: Frame, terminal = false): void {
    this.#assertOpen();
    this.#add(frame, terminal);
    this.#groupTimer ??= setTimeout(() => this.#onGroupTimer(), groupMs);
  }

  flush(): void {
    this.#assertOpen();
    this.#seal(0);
  }

  head(): Head {
    return this.#chain.head();
  }

  durableHead(): Head {
    return { ...this.#durable };
  }

  close(end: Pick<EndReport, "outcome" | "reason">): Promise<Head> {
    return (this.#closing ??= this.#finish(end));
  }

  #add(frame: Frame, terminal: boolean): void {
    if (frame.payload.length > framePayloadBytesMax)
      throw this.#fail("frame-too-long", `a frame of ${frame.payload.length} bytes`);
    if (!isFrameType(frame.type) || !isChannel(frame.channel))
      throw this.#fail("frame-invalid", `frame type ${frame.type} on channel ${frame.channel}`);
    if (!this.#block.hasRoomFor(frame)) this.#seal(0);
    const atUs = Math.max(Math.floor(frame.atUs), this.#lastUs);
    if (atUs !== frame.atUs) frame = { ...frame, atUs };
    this.#lastUs = atUs;
    this.#block.add(frame, terminal);
    this.#totals.frames++;
    this.#totals[frame.direction] += frame.payload.length;
  }

  #seal(bits: number): void {
    if (this.#block.empty) return;
    const plain = this.#block.plain();
    const packed = this.#block.terminalOnly ? deflateFrames(plain) : undefined;
    const kind = BlockKind.sealed | bits | (packed === undefined ? 0 : SealedBit.deflated);
    const bytes = this.#cipher.seal(kind, packed ?? plain, this.#chain, scratch);
    this.#write(scratch, bytes);
    this.#chain.advance(bytes, sha256(scratch.subarray(0, bytes)));
    this.#block.reset();
    this.#armSync();
  }

  /** A short write goes on where it stopped; whatever fails in between leaves a torn block, which readers know. */
  #write(bytes: Buffer, length: number): void {
    try {
      for (let at = 0; at < length;) {
        const written = this.#file.write(bytes, at, length - at);
        if (written <= 0) throw new Error("write(2) took nothing");
        at += written;
      }
    } catch (cause) {
      throw this.#fail("write-failed", cause);
    }
  }

  /** Never cleared by a flush, so that the hot path touches no timer: it fires, finds nothing, and rests. */
  #onGroupTimer(): void {
    this.#groupTimer = undefined;
    try {
      this.flush();
    } catch {
      // Told to onFailure, which is how a failure without a caller comes out.
    }
  }

  #armSync(): void {
    const afterMs = Math.max(0, this.#options.durability.syncEveryMs - groupMs);
    this.#syncTimer ??= setTimeout(() => {
      this.#syncing = this.#syncData();
    }, afterMs);
  }

  /** Never rejects. The timer counts as armed until the sync is over, so that there is one at a time. */
  async #syncData(): Promise<void> {
    const head = this.#chain.head();
    try {
      await this.#file.syncData();
    } catch (cause) {
      this.#fail("sync-failed", cause);
      return;
    }
    this.#durable = head;
    this.#syncTimer = undefined;
    if (this.#chain.blocks > head.blocks && this.#closing === undefined && this.#failure === undefined)
      this.#armSync();
  }

  async #finish({ outcome, reason }: Pick<EndReport, "outcome" | "reason">): Promise<Head> {
    try {
      if (this.#failure === undefined) await this.#end(outcome, reason);
    } finally {
      this.#rest();
      await this.#syncing;
      await this.#file.close().catch((cause: unknown) => this.#fail("sync-failed", cause));
    }
    // Read anew: the last sync or the close may have failed.
    const failure = this.#failure;
    if (failure !== undefined) throw failure;
    return (this.#durable = this.#chain.head());
  }

  async #end(outcome: string, reason: string | undefined): Promise<void> {
    const { frames, client, target } = this.#totals;
    const report: EndReport = {
      outcome,
      ...(reason === undefined ? {} : { reason }),
      frames,
      clientBytes: client,
      targetBytes: target,
    };
    const atUs = this.#options.clock.nowUs();
    this.#seal(0); // the last block holds the end and nothing that crossed: it is never redacted
    this.#add(
      { type: FrameType.end, direction: "bastion", channel: 0, atUs, payload: encodeJson(report) },
      true,
    );
    this.#seal(SealedBit.last);
    await this.#syncing;
    await this.#file.sync().catch((cause: unknown) => {
      throw this.#fail("sync-failed", cause);
    });
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new RecordingError("closed", "the recording is closed");
  }

  /** Poisons the writer. A write after a failed one could put a whole block behind a torn one. */
  #fail(code: RecordingErrorCode, cause: unknown): RecordingError {
    if (this.#failure !== undefined) return this.#failure;
    const failure = new RecordingError(code, `cannot record: ${textOf(cause)}`, { cause });
    this.#failure = failure;
    this.#rest();
    this.#options.onFailure(failure);
    return failure;
  }

  #rest(): void {
    clearTimeout(this.#groupTimer);
    clearTimeout(this.#syncTimer);
    this.#block.reset();
    this.#cipher.wipe();
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
