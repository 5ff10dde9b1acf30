import type { Block } from "./block.js";
import { blocksOf, openBlockSource } from "./block-source.js";
import type { Head, Torn } from "./chain.js";
import { decodeHeader, type RecordingHeader } from "./header.js";
import { PromisedHeads, tornOf } from "./promised-heads.js";
import { placedAt, RecordingError } from "./recording-error.js";
import { TORN_KIND, type Substitute } from "./substitute.js";
import { Walk } from "./walk.js";

/** What the bytes of a recording say without any key. */
export interface VerifiedRecording extends Head {
  header: Omit<RecordingHeader, "keys">;
  /** `open` is live or interrupted: there is no last block yet. */
  state: "ended" | "open";
  /** Bytes of an unfinished block at the end, which the head does not count. */
  tornBytes: number;
  /** Those bytes, or those that were here and are taken out, and their SHA-256 in hexadecimal, when there are some: what the ledger keeps of a session that was interrupted. */
  torn?: Torn;
  /** What stands in place of blocks that were taken out, with their numbers, and whole as it stands in the file. */
  substitutes: { block: number; substitute: Substitute; bytes: Buffer }[];
}

/**
 * Walks the chain of a recording over its ciphertext; no key is needed. Every head in `promised` (the ledger's) must
 * be one of the chain's. That the result is the *true* recording is proven only by such a head from elsewhere.
 * @throws RecordingError as the block source and the walk do, `header-truncated`, and `head-mismatch` at the byte up
 * to which the file was promised, or at its end when it is shorter
 */
export async function verifyRecording(
  path: string,
  promised: readonly Head[] = [],
): Promise<VerifiedRecording> {
  const source = await openBlockSource(path);
  try {
    return await verifyBlocks(source.blocks(), promised);
  } finally {
    await source.close();
  }
}

/** The same for a recording whose bytes come from elsewhere, in pieces of any size. */
export async function verifyRecordingBytes(
  pieces: AsyncIterable<Buffer>,
  promised: readonly Head[] = [],
): Promise<VerifiedRecording> {
  const blocks = blocksOf(pieces);
  try {
    return await verifyBlocks(blocks, promised);
  } finally {
    await blocks.return(Buffer.of()); // lets go of the pieces where it gave up on them
  }
}

async function verifyBlocks(
  blocks: AsyncGenerator<Block, Buffer>,
  promised: readonly Head[],
): Promise<VerifiedRecording> {
  const walk = new Walk();
  const substitutes: VerifiedRecording["substitutes"] = [];
  const due = new PromisedHeads(promised);
  let header: Omit<RecordingHeader, "keys"> | undefined;
  due.reach(walk);
  let next = await blocks.next();
  for (; next.done !== true; next = await blocks.next()) {
    const step = walk.enter(next.value);
    if (step.number === 0) header = placedAt(step.block.offset, () => decodeHeader(step.block.body));
    if (step.substitute)
      substitutes.push({
        block: step.number,
        substitute: step.substitute,
        bytes: Buffer.from(step.block.bytes),
      });
    if (step.kind === TORN_KIND) {
      walk.leave(step);
      continue;
    }
    if (step.substitute) due.enter(walk, undefined, step.substitute.bytes);
    else due.enter(walk, step.block.bytes, step.block.bytes.length);
    walk.leave(step);
    due.reach(walk);
  }
  const head = walk.head();
  const rest = next.value;
  if (walk.isOver && rest.length > 0)
    throw new RecordingError("block-order", "bytes follow the last block", { offset: head.bytes });
  if (header === undefined || head.blocks < 2)
    throw new RecordingError("header-truncated", "the file ends before its header does", {
      offset: head.bytes,
    });
  due.finish(walk, rest);
  const torn = walk.tornGone ?? (rest.length > 0 ? tornOf(rest) : undefined);
  const state = walk.ended ? "ended" : "open";
  return { ...head, header, state, tornBytes: rest.length, ...(torn && { torn }), substitutes };
}
