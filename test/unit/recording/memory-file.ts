import {
  createRecording,
  type Frame,
  type RecordingError,
  type RecordingFile,
  type RecordingOptions,
  type RecordingWriter,
} from "../../../src/recording/index.js";
import { apartKey, dataKey, header } from "./samples.js";

/** A recording's file in memory, which can be told to fail. */
export class MemoryFile implements RecordingFile {
  readonly calls: string[] = [];
  /** Called before each step; what it throws is the step's error. */
  before: (step: string) => void = () => undefined;
  /** How many bytes one write takes at most. */
  writeBytesMax = Infinity;
  #chunks: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  write(bytes: Buffer, offset: number, length: number): number {
    this.#step("write");
    const taken = Math.min(length, this.writeBytesMax);
    this.#chunks.push(Buffer.from(bytes.subarray(offset, offset + taken)));
    return taken;
  }

  async syncData(): Promise<void> {
    await Promise.resolve();
    this.#step("syncData");
  }

  async sync(): Promise<void> {
    await Promise.resolve();
    this.#step("sync");
  }

  async close(): Promise<void> {
    await Promise.resolve();
    this.#step("close");
  }

  #step(step: string): void {
    this.calls.push(step);
    this.before(step);
  }
}

/** A system error as Node makes them. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}

export interface InMemory {
  file: MemoryFile;
  writer: RecordingWriter;
  failures: RecordingError[];
}

/** A writer on a {@link MemoryFile}. */
export async function writeInMemory(
  file = new MemoryFile(),
  options: Partial<RecordingOptions> = {},
): Promise<InMemory> {
  const failures: RecordingError[] = [];
  const writer = await createRecording("in memory", {
    header,
    dataKey,
    apartKey,
    durability: { syncEveryMs: 1000 },
    clock: { nowUs: () => 60_000_000 },
    onFailure: (error) => failures.push(error),
    createFile: () => Promise.resolve(file),
    ...options,
  });
  return { file, writer, failures };
}

/** The bytes of a whole recording of the frames; each inner list is one flushed block. */
export async function recordingOf(
  blocks: readonly (readonly Frame[])[],
  {
    terminal = false,
    end = true,
    ...options
  }: { terminal?: boolean | ((frame: Frame) => boolean); end?: boolean } & Partial<RecordingOptions> = {},
): Promise<Buffer> {
  const { file, writer } = await writeInMemory(new MemoryFile(), options);
  for (const frames of blocks) {
    for (const frame of frames)
      writer.append(frame, typeof terminal === "boolean" ? terminal : terminal(frame));
    writer.flush();
  }
  const unended = file.bytes;
  await writer.close({ outcome: "closed" });
  return end ? file.bytes : unended;
}
