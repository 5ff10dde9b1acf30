import { openBlockSource } from "./block-source.js";
import type { Head } from "./chain.js";
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
  /** What stands in place of blocks that were taken out, with their numbers. */
  substitutes: { block: number; substitute: Substitute }[];
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
    const walk = new Walk();
    const substitutes: VerifiedRecording["substitutes"] = [];
    let header: Omit<RecordingHeader, "keys"> | undefined;
    const blocks = source.blocks();
    let next = await blocks.next();
    for (; next.done !== true; next = await blocks.next()) {
      const step = walk.enter(next.value);
      if (step.number === 0) header = placedAt(step.block.offset, () => decodeHeader(step.block.body));
      if (step.substitute) substitutes.push({ block: step.number, substitute: step.substitute });
      walk.leave(step);
      verifyPromised(walk.head(), promised);
    }
    const head = walk.head();
    const tornBytes = next.value;
    if (walk.ended && tornBytes > 0)
      throw new RecordingError("block-order", "bytes follow the last block", { offset: head.bytes });
    if (header === undefined || head.blocks < 2)
      throw new RecordingError("header-truncated", "the file ends before its header does", {
        offset: head.bytes,
      });
    if (promised.some(({ blocks }) => blocks > head.blocks))
      throw new RecordingError("head-mismatch", "the file is shorter than was promised", {
        offset: head.bytes,
      });
    return { ...head, header, state: walk.ended ? "ended" : "open", tornBytes, substitutes };
  } finally {
    await source.close();
  }
}

function verifyPromised(head: Head, promised: readonly Head[]): void {
  for (const { blocks, bytes, hash } of promised) {
    if (blocks === head.blocks && (hash !== head.hash || bytes !== head.bytes))
      throw new RecordingError("head-mismatch", "the chain is not the one that was promised", {
        offset: head.bytes,
      });
  }
}
