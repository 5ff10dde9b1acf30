import type { Block } from "./block.js";
import { blocksOf, openBlockSource } from "./block-source.js";
import { sha256, type Head, type Torn } from "./chain.js";
import { decodeHeader, type RecordingHeader } from "./header.js";
import { placedAt, RecordingError } from "./recording-error.js";
import type { Substitute } from "./substitute.js";
import { Walk } from "./walk.js";

/** What the bytes of a recording say without any key. */
export interface VerifiedRecording extends Head {
  header: Omit<RecordingHeader, "keys">;
  /** `open` is live or interrupted: there is no last block yet. */
  state: "ended" | "open";
  /** Bytes of an unfinished block at the end, which the head does not count. */
  tornBytes: number;
  /** Those bytes and their SHA-256 in hexadecimal, when there are some: what the ledger keeps of a session that was interrupted. */
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
export function verifyRecordingBytes(
  pieces: AsyncIterable<Buffer>,
  promised: readonly Head[] = [],
): Promise<VerifiedRecording> {
  return verifyBlocks(blocksOf(pieces), promised);
}

async function verifyBlocks(
  blocks: AsyncGenerator<Block, Buffer>,
  promised: readonly Head[],
): Promise<VerifiedRecording> {
  const walk = new Walk();
  const substitutes: VerifiedRecording["substitutes"] = [];
  const due = byBlocks(promised);
  let header: Omit<RecordingHeader, "keys"> | undefined;
  verifyPromised(walk.head(), due);
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
    walk.leave(step);
    verifyPromised(walk.head(), due);
  }
  const head = walk.head();
  const torn = next.value;
  const tornBytes = torn.length;
  if (walk.ended && tornBytes > 0)
    throw new RecordingError("block-order", "bytes follow the last block", { offset: head.bytes });
  if (header === undefined || head.blocks < 2)
    throw new RecordingError("header-truncated", "the file ends before its header does", {
      offset: head.bytes,
    });
  if (due.size > 0)
    throw new RecordingError("head-mismatch", "the file is shorter than was promised", {
      offset: head.bytes,
    });
  return {
    ...head,
    header,
    state: walk.ended ? "ended" : "open",
    tornBytes,
    ...(tornBytes > 0 && { torn: { bytes: tornBytes, hash: sha256(torn).toString("hex") } }),
    substitutes,
  };
}

/** A live session promises a head each second: they are found by their number of blocks, not looked through at each block. */
function byBlocks(promised: readonly Head[]): Map<number, Head[]> {
  const due = new Map<number, Head[]>();
  for (const head of promised) {
    const same = due.get(head.blocks);
    if (same === undefined) due.set(head.blocks, [head]);
    else same.push(head);
  }
  return due;
}

/** Each head that was reached is struck off. */
function verifyPromised(head: Head, due: Map<number, Head[]>): void {
  const promised = due.get(head.blocks) ?? [];
  due.delete(head.blocks);
  for (const { bytes, hash } of promised) {
    if (hash !== head.hash || bytes !== head.bytes)
      throw new RecordingError("head-mismatch", "the chain is not the one that was promised", {
        offset: head.bytes,
      });
  }
}
