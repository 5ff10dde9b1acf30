import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlockSplitter, type Block } from "../../../src/recording/block.js";
import {
  openRecording,
  RecordingError,
  verifyRecording,
  type Frame,
  type Head,
} from "../../../src/recording/index.js";
import { recordingOf } from "./memory-file.js";
import { dataKey, shell, shown, typed } from "./samples.js";

/** A small whole recording, as blocks of frames. */
export const blocks = [
  shell(),
  [typed(1000, "w")],
  [shown(1001, "w"), typed(1100, "\r")],
  [shown(1200, "who? ".repeat(60))],
];
export const frames = blocks.flat();

/** The stored blocks of a file. */
export function blocksOf(bytes: Buffer): Block[] {
  const splitter = new BlockSplitter();
  splitter.push(bytes);
  const found: Block[] = [];
  for (let block = splitter.next(); block; block = splitter.next()) found.push(block);
  return found;
}

type Keys = Parameters<typeof openRecording>[1];

/** A file that tests write recordings into and read them from; gone with the suite that makes it. */
export class RecordingOnDisk {
  #folder = "";
  #bytes: Buffer = Buffer.alloc(0);

  /** Registers the hooks of the suite that it is called in. */
  constructor() {
    before(async () => {
      this.#folder = await mkdtemp(join(tmpdir(), "bascule-reader-"));
      this.#bytes = await recordingOf(blocks);
    });
    after(() => rm(this.#folder, { recursive: true }));
  }

  get folder(): string {
    return this.#folder;
  }

  get path(): string {
    return join(this.#folder, "ses.bsr");
  }

  /** The recording of `blocks`, whole. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  async read(content: Buffer, key: Keys = dataKey) {
    await writeFile(this.path, content);
    return this.readAsItIs(key);
  }

  async readAsItIs(key: Keys) {
    const reader = await openRecording(this.path, key);
    const seen: Frame[] = [];
    try {
      for await (const each of reader.frames()) seen.push(each);
      return { header: reader.header, seen, ending: reader.ending!, error: undefined };
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      return { header: reader.header, seen, ending: undefined, error };
    } finally {
      await reader.close();
    }
  }

  async verify(content: Buffer, promised?: Head[]) {
    await writeFile(this.path, content);
    return verifyRecording(this.path, promised);
  }
}
