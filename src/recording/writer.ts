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
import { StreamBlock } from "./stream-block.js";
import { isClientData } from "./typed-chunk.js";
import { RecordingError, type RecordingErrorCode } from "./recording-error.js";
import { createRecordingFile, type RecordingFile } from "./recording-file.js";

/** What waits is looked at this often. */
const tickMs = 250;
/** Output waits at most so many ticks to be sealed with what follows it, and one tick where it is more than a little. */
const waitTicks = 4;
const littleBytes = 4 * 1024;
/** Less than this goes into a stream block; more is worth a sealed block of its own. */
const streamedBytesMax = 8 * 1024;
/** A stream block ends after so many ticks, or when it is full: what is redacted later, or dies untagged, is no more. */
const streamTicks = 20;

/** Sealed blocks are made here and written at once: one buffer serves every writer of the process. It holds ciphertext only. */
const scratch = Buffer.allocUnsafeSlow(blockPrefixBytesMax + blockBodyBytesMax);

export interface RecordingOptions {
  /** With the commitments made by `commitKey` from the keys. */
  header: RecordingHeader;
  /** 32 bytes. Copied; the copy is wiped when the recording closes or fails. */
  dataKey: Buffer;
  /** The same for what is typed on terminals. */
  apartKey: Buffer;
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
   * last frame's. `terminal` says that the frame is of a terminal, or small and rare: blocks of nothing else are
   * deflated. What the client sends to a terminal is kept apart, and written at once.
   * @throws RecordingError `frame-too-long`, `frame-invalid`, `write-failed`, `closed`, or the failure
   */
  append(frame: Frame, terminal?: boolean): void;
  /**
   * Seals what waits. When it returns, write(2) has taken everything that was appended: now it may be forwarded.
   * @throws RecordingError `write-failed`, `closed`, or the failure
   */
  flush(): void;
  /** Number of the block that grows, or of the next one. */
  readonly block: number;
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
 * would accept; TypeError when the header does not commit to the keys
 */
export async function createRecording(path: string, options: RecordingOptions): Promise<RecordingWriter> {
  const { header, dataKey, apartKey } = options;
  if (
    commitKey(dataKey, header.session) !== header.keyCommitment ||
    commitKey(apartKey, header.session) !== header.apartKeyCommitment
  )
    throw new TypeError("the header does not commit to the keys");
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
  readonly #apartCipher: BlockCipher;
  readonly #chain = new Chain();
  readonly #block = new OpenBlock();
  /** Totals for the end frame. */
  readonly #totals = { frames: 0, client: 0, target: 0, bastion: 0 };
  #lastUs = 0;
  #durable: Head = this.#chain.head();
  /** The block that grows, if there is one. */
  #stream: StreamBlock | undefined;
  #streamTicks = 0;
  #waitedTicks = 0;
  #tickTimer: NodeJS.Timeout | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #syncDueMs = 0;
  #syncing: Promise<void> = Promise.resolve();
  #failure: RecordingError | undefined;
  #closing: Promise<Head> | undefined;

  constructor(file: RecordingFile, options: RecordingOptions) {
    this.#file = file;
    this.#options = options;
    this.#cipher = new BlockCipher(options.dataKey, options.header.session);
    this.#apartCipher = new BlockCipher(options.apartKey, options.header.session);
  }

  async open(opening: Buffer): Promise<void> {
    const splitter = new BlockSplitter();
    splitter.push(opening);
    try {
      this.#write(opening);
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
    this.#armTick();
  }

  flush(): void {
    this.#assertOpen();
    this.#writeWaiting();
  }

  get block(): number {
    return this.#chain.blocks;
  }

  head(): Head {
    return this.#stream?.head() ?? this.#chain.head();
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
    const atUs = Math.max(Math.floor(frame.atUs), this.#lastUs);
    if (atUs !== frame.atUs) frame = { ...frame, atUs };
    this.#lastUs = atUs;
    this.#totals.frames++;
    this.#totals[frame.direction] += frame.payload.length;
    if (terminal && isClientData(frame)) {
      this.#writeTyped(frame);
      return;
    }
    if (!this.#block.hasRoomFor(frame)) this.#writeWaiting();
    this.#block.add(frame, terminal);
  }

  /** What was typed is written when it comes, behind what the client asked for before it. */
  #writeTyped(frame: Frame): void {
    if (this.#block.holdsClient) this.#writeWaiting();
    const stream = this.#openStream();
    this.#writeChunk(stream, stream.addTyped(frame));
    this.#armSync(0);
    if (stream.isFull) this.#endStream();
  }

  /** Seals all that waits: into the stream block where there is one, since no block may begin earlier than one before it. */
  #writeWaiting(): void {
    if (this.#block.empty) return;
    const waitedMs = this.#waitedTicks * tickMs;
    this.#waitedTicks = 0;
    const isLittle = this.#block.terminalOnly && this.#block.bytes < streamedBytesMax;
    if (this.#stream === undefined && !isLittle) this.#writeSealed(0);
    else {
      const stream = this.#openStream();
      const chunk = stream.addFrames(this.#block);
      this.#block.reset();
      this.#writeChunk(stream, chunk);
      if (stream.isFull) this.#endStream();
    }
    this.#armSync(waitedMs);
  }

  #writeSealed(bits: number): void {
    const plain = this.#block.plain(0);
    const packed = this.#block.terminalOnly ? deflateFrames(plain) : undefined;
    const kind = BlockKind.sealed | bits | (packed === undefined ? 0 : SealedBit.deflated);
    const bytes = this.#cipher.seal(kind, packed ?? plain, this.#chain, scratch);
    packed?.fill(0);
    this.#block.reset();
    this.#write(scratch.subarray(0, bytes));
    this.#chain.advance(bytes, sha256(scratch.subarray(0, bytes)));
  }

  #openStream(): StreamBlock {
    if (this.#stream === undefined) this.#streamTicks = 0;
    return (this.#stream ??= new StreamBlock(this.#cipher, this.#apartCipher, this.#chain));
  }

  #writeChunk(stream: StreamBlock, chunk: Buffer): void {
    this.#write(chunk);
    stream.written();
  }

  /** What waits goes in before the end: it may be earlier than what was typed. */
  #endStream(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (!this.#block.empty) {
      const chunk = stream.addFrames(this.#block);
      this.#block.reset();
      this.#writeChunk(stream, chunk);
    }
    this.#writeChunk(stream, stream.finish());
    this.#chain.advance(stream.bytes, stream.hash());
    stream.wipe();
    this.#stream = undefined;
    this.#armSync(0);
  }

  /** A short write goes on where it stopped; whatever fails in between leaves a torn block, which readers know. */
  #write(bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length;) {
        const written = this.#file.write(bytes, at, bytes.length - at);
        if (written <= 0) throw new Error("write(2) took nothing");
        at += written;
      }
    } catch (cause) {
      throw this.#fail("write-failed", cause);
    }
  }

  #armTick(): void {
    this.#tickTimer ??= setTimeout(() => this.#onTick(), tickMs);
  }

  /** Never stopped by a flush, so that the hot path touches no timer: it fires until nothing waits and no block is open. */
  #onTick(): void {
    this.#tickTimer = undefined;
    try {
      this.#streamTicks++;
      if (this.#streamTicks >= streamTicks) this.#endStream();
      if (!this.#block.empty) this.#waitedTicks++;
      if (this.#block.bytes >= littleBytes || this.#waitedTicks >= this.#waitTicks) this.#writeWaiting();
      if (!this.#block.empty || this.#stream !== undefined) this.#armTick();
    } catch {
      // Told to onFailure, which is how a failure without a caller comes out.
    }
  }

  /** Output waits no longer than power loss may take. */
  get #waitTicks(): number {
    return Math.max(1, Math.min(waitTicks, Math.floor(this.#options.durability.syncEveryMs / tickMs)));
  }

  /** Syncs soon enough for what was written just now and has waited for `waitedMs` before. */
  #armSync(waitedMs: number): void {
    const afterMs = Math.max(0, this.#options.durability.syncEveryMs - tickMs - waitedMs);
    const dueMs = performance.now() + afterMs;
    if (this.#syncTimer !== undefined && this.#syncDueMs <= dueMs) return;
    clearTimeout(this.#syncTimer);
    this.#syncDueMs = dueMs;
    this.#syncTimer = setTimeout(() => {
      this.#syncDueMs = -Infinity; // until it is over, nothing is sooner
      this.#syncing = this.#syncData();
    }, afterMs);
  }

  /** Never rejects. The timer counts as armed until the sync is over, so that there is one at a time. */
  async #syncData(): Promise<void> {
    const head = this.head();
    try {
      await this.#file.syncData();
    } catch (cause) {
      this.#fail("sync-failed", cause);
      return;
    }
    this.#durable = head;
    this.#syncTimer = undefined;
    if (this.head().bytes > head.bytes && this.#closing === undefined && this.#failure === undefined)
      this.#armSync(0);
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
    this.#writeWaiting(); // the last block holds the end and nothing that crossed: it is never redacted
    this.#endStream();
    const payload = encodeJson(report);
    this.#add({ type: FrameType.end, direction: "bastion", channel: 0, atUs, payload }, true);
    this.#writeSealed(SealedBit.last);
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
    clearTimeout(this.#tickTimer);
    clearTimeout(this.#syncTimer);
    this.#block.reset();
    this.#stream?.wipe();
    this.#cipher.wipe();
    this.#apartCipher.wipe();
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
